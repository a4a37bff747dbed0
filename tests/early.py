"""A pytest plugin (pyproject.toml names it) that is loaded before anything can read the settings."""

import gc

from tests import environment

# Collecting makes millions of objects that stay: looking through them for garbage again and again takes a sixth.
gc.set_threshold(100_000, 50, 100)
environment.prepare()
