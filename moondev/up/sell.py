"""Put what the plans sell into the sandbox."""

from __future__ import annotations

import django
from django.core.management import call_command


def main() -> None:
    django.setup()
    call_command("stripe_setup")


if __name__ == "__main__":
    main()
