"""manage.py seed_datasets: store the data sets that everybody has."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from backtests.datasets.builtin import seed


class Command(BaseCommand):
    help = "Store the data sets that everybody has and that are missing. Run it after `migrate`; `make up` does."

    def handle(self, *args: Any, **options: Any) -> None:
        made = seed()
        self.stdout.write(f"Stored {', '.join(made)}." if made else "Everything is there; nothing was changed.")
