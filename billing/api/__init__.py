"""The calls of billing for programs."""
