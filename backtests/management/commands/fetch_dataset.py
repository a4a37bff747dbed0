"""manage.py fetch_dataset: bars of an exchange as a data set."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Workspace
from backtests.datasets.fetch import Away, Decision, Wanted, faults_of, fetch
from backtests.datasets.quality import Report
from moondev.lib.clock import now
from moondev.lib.errors import AppError, Invalid

SHOWN = "%Y-%m-%d %H:%M"
WAITS = " The workspace accepts or repairs them in the portal before a run can use the data set."


def moment(text: str) -> datetime:
    """2023-01-31 or 2023-01-31T12:00, in UTC."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no time: write 2023-01-31 or 2023-01-31T12:00") from error


class Command(BaseCommand):
    help = "Fetch bars from an exchange: fetch_dataset kraken BTC/USD 1h --since 2024-01-01"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("exchange", help="as ccxt names it: binance, kraken, coinbaseexchange, …")
        parser.add_argument("symbol", help="as ccxt names it: BTC/USDT")
        parser.add_argument("timeframe", help="1m, 15m, 1h, 4h, 1d, …")
        parser.add_argument("--since", type=moment, required=True, help="the first day or minute, UTC")
        parser.add_argument("--until", type=moment, default=None, help="the last, UTC; the default is now")
        parser.add_argument("--name", default="", help="the name of the data set")
        parser.add_argument("--workspace", default="", help="a workspace's slug; without one everybody has it")
        faults = parser.add_mutually_exclusive_group()
        faults.add_argument("--accept", action="store_true", help="take bars with faults, as gaps, as they are")
        faults.add_argument("--repair", action="store_true", help="mend the faults; gaps stay")
        parser.add_argument("--fill-gaps", action="store_true", help="with --repair: fill gaps with flat bars")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = Wanted(
            options["exchange"], options["symbol"], options["timeframe"], options["since"], options["until"] or now()
        )
        name = options["name"] or f"{wanted.symbol.replace('/', '')} {wanted.timeframe} {wanted.exchange}"
        workspace, decision = _workspace(options["workspace"]), _decision(options)
        try:
            made = fetch(wanted=wanted, workspace=workspace, name=name, say=self.stdout.write, decision=decision)
        except Invalid as error:
            raise CommandError(" ".join(item.detail for item in error.errors)) from error
        except (Away, AppError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Stored {made.name}: {made.rows:,} bars, {made.first:{SHOWN}} to {made.last:{SHOWN}} UTC.")
        self.stdout.write(f"Faults: {faults_of(Report.from_json(made.quality))}.{WAITS if made.needs_decision else ''}")


def _decision(options: dict[str, Any]) -> Decision:
    if options["fill_gaps"] and not options["repair"]:
        raise CommandError("--fill-gaps goes with --repair.")
    if options["repair"]:
        return "fill" if options["fill_gaps"] else "repair"
    return "accept" if options["accept"] else "undecided"


def _workspace(slug: str) -> Workspace | None:
    if not slug:
        return None
    found = Workspace.objects.filter(slug=slug, closed_at=None).first()
    if found is None:
        raise CommandError(f"There is no open workspace {slug!r}.")
    return found
