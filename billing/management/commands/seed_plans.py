"""manage.py seed_plans: create the plans and add-ons that are missing."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from billing.seeds import seed_add_ons, seed_plans


class Command(BaseCommand):
    help = (
        "Create the plans and add-ons that are missing, with the numbers of RATE_LIMIT_*, ALERTS_MAX_*, "
        "ALERTS_POLL_INTERVAL and PRICE_ID_*. Existing rows are left as staff edited them."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            created = seed_plans() + seed_add_ons()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Created {', '.join(created)}." if created else "Everything exists; nothing was changed.")
