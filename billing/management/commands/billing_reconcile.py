"""manage.py billing_reconcile: compare Stripe with our rows now."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing.payments.drift import Report
from billing.payments.reconcile import reconcile
from billing.payments.stripe_api import AWAY


class Command(BaseCommand):
    help = (
        "Compare every subscription in Stripe with our rows and mend what differs, as is done every night. Ends with 1 "
        "when something is left for staff."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only say what differs.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = reconcile(repair=not options["dry_run"])
        except AWAY as error:
            raise CommandError("Stripe cannot be reached: try again.") from error
        for drift in report.drifts:
            self.stdout.write(f"{drift.reference}: {drift.what}")
        compared = f"{report.checked:,} subscription{'' if report.checked == 1 else 's'} compared"
        if report.left and not options["dry_run"]:
            raise CommandError(f"{compared}: {_differed(report)}. See Billing cases on the staff site.")
        self.stdout.write(f"{compared}: {_said(report, is_dry=options['dry_run'])}.")


def _said(report: Report, *, is_dry: bool) -> str:
    if not report.drifts:
        return "everything agrees"
    return f"{len(report.drifts):,} differed; nothing was changed" if is_dry else _differed(report)


def _differed(report: Report) -> str:
    return f"{len(report.drifts):,} differed, {report.mended:,} mended, {report.left:,} left"
