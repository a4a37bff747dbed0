"""The calls of alerts for programs."""
