"""Runs in a sandbox's child: imports nothing of Django and nothing of the rest of the product."""
