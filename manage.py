#!/usr/bin/env python
"""Django's command line, with the project's settings."""

import gc
import os
import sys


def main() -> None:
    # Most of a command is loading code, of which nothing is garbage.
    gc.set_threshold(100_000, 50, 100)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "moondev.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
