"""A pytest plugin (pyproject.toml names it) that is loaded before anything can read the settings."""

from tests import environment

environment.prepare()
