"""Migrate, make the demo workspace and read the last hours, in one process: loading the product is most of each."""

from __future__ import annotations

import django
from django.core.management import call_command


def main() -> None:
    django.setup()
    # Migrating seeds the plans as well.
    call_command("migrate", verbosity=1)
    call_command("seed_demo")
    call_command("seed_datasets")
    # Models can only be loaded from here on.
    from marketdata import live

    # The printed curl line shows rows from the first moment on; what came before them is the worker's to read.
    live.read_lately()


if __name__ == "__main__":
    main()
