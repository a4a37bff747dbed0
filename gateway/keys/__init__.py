"""API keys: made and changed by `services`, looked up by `records`, kept in step over all processes by `changes`."""
