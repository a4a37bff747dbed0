"""manage.py stripe_setup: make in Stripe what the Plan and AddOn rows want sold."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing.payments.setup import SetupFailed, set_up


class Command(BaseCommand):
    help = (
        "Create or update products, prices, the customer portal's configuration and the webhook endpoint in Stripe "
        "from the Plan and AddOn rows, and store the prices' ids in the rows. Safe to repeat."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only say what would be done.")
        parser.add_argument(
            "--webhook-url", default="", help="Where Stripe sends its events; else BILLING_PUBLIC_URL/billing/webhook."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            lines = set_up(is_dry=options["dry_run"], webhook_url=options["webhook_url"])
        except SetupFailed as error:
            raise CommandError(str(error)) from error
        if options["dry_run"] and lines:
            self.stdout.write("A dry run: nothing of this was done.")
        self.stdout.write("\n".join(lines) or "Stripe has everything; nothing was changed.")
