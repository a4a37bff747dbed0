"""Migrate and make the demo workspace, in one process: loading the product twice costs more than the seeding."""

from __future__ import annotations

import django
from django.core.management import call_command


def main() -> None:
    django.setup()
    # Migrating seeds the plans as well.
    call_command("migrate", verbosity=1)
    call_command("seed_demo")
    call_command("seed_datasets")


if __name__ == "__main__":
    main()
