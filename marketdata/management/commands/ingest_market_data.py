"""`manage.py ingest_market_data`: one tick of the live market by hand, as the worker makes one every five seconds."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from marketdata import live, partitions
from moondev.lib.clock import now


class Command(BaseCommand):
    help = "Prepare the partitions of the coming months and take in what the served source has new."

    def handle(self, *args: Any, **options: Any) -> None:
        partitions.prepare_ahead(now())
        self.stdout.write(f"{live.read_source():,} rows added.")
