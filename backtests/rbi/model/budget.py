"""What models may take: tokens and money of a run, and of a workspace on one day.

A call is written down at the most it may cost before it is made, and at what it did cost afterwards. So many runs at
once cannot go beyond a day's budget together, and a call that a killed worker made still counts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, time

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet, Sum

from backtests import counted
from backtests.models import Spend
from backtests.rbi.model.server import Server
from backtests.rbi.stages.work import Work
from moondev.lib.clock import now

# Any number that no other part of the product takes; the workspace's is the second.
LOCK = 0x73706E64
# Letters to a token: what models count differs, and a budget is better kept than stretched.
LETTERS = 3
# An answer shorter than this is none.
FEWEST_TOKENS = 200
MICRO = 1_000_000


class BudgetSpent(Exception):
    """There is not enough left for one more answer; the text is for the customer."""


@dataclass(frozen=True)
class Limit:
    """One budget: what it holds and what has been taken from it."""

    what: str
    tokens: int
    micro_usd: int


def reserve(work: Work, stage: str, server: Server, *, letters: int) -> tuple[Spend, int]:
    """Set aside what one call may take; returns its row and how many tokens the answer may have.

    Raises BudgetSpent, and Stopped when the run is not ours any more.
    """
    tokens_in = math.ceil(letters / LETTERS)
    with work.hold.writing(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, work.run.workspace_id])
        tokens_out = min(_affordable(limit, server, tokens_in) for limit in _left(work))
        spend = Spend.objects.create(
            workspace=work.run.workspace, run=work.run, idea=work.idea, stage=stage, model=server.model[:80],
            tokens_in=tokens_in, tokens_out=tokens_out, micro_usd=server.micro_usd(tokens_in, tokens_out),
        )  # fmt: skip
    return spend, tokens_out


def settle(spend: Spend, server: Server, *, tokens_in: int, tokens_out: int) -> None:
    """Write down what the call took, as the server counted it."""
    spend.tokens_in, spend.tokens_out = tokens_in, tokens_out
    spend.micro_usd, spend.settled_at = server.micro_usd(tokens_in, tokens_out), now()
    with transaction.atomic():
        spend.save(update_fields=["tokens_in", "tokens_out", "micro_usd", "settled_at"])
    counted.TOKENS.labels(spend.model, "in").inc(tokens_in)
    counted.TOKENS.labels(spend.model, "out").inc(tokens_out)


def _affordable(limit: Limit, server: Server, tokens_in: int) -> int:
    """Tokens of an answer that a budget still has room for."""
    most = min(settings.RBI_MODEL_MAX_TOKENS, limit.tokens - tokens_in)
    if server.price_out:
        money = limit.micro_usd - server.micro_usd(tokens_in, 0)
        most = min(most, int(money / server.price_out))
    elif server.micro_usd(tokens_in, 0) > limit.micro_usd:
        most = 0
    if most < FEWEST_TOKENS:
        raise BudgetSpent(f"{limit.what} is used up, so no model is asked any more.")
    return most


def _left(work: Work) -> list[Limit]:
    options = work.run.options
    midnight = datetime.combine(now().date(), time(), UTC)
    run_tokens = min(options.get("budget_tokens", settings.RBI_RUN_TOKENS), settings.RBI_RUN_TOKENS)
    run_usd = min(options.get("budget_usd", settings.RBI_RUN_USD), settings.RBI_RUN_USD)
    of_workspace = Spend.objects.for_workspace(work.run.workspace_id).filter(at__gte=midnight)
    return [
        _limit("This run's budget for language models", Spend.objects.filter(run=work.run), run_tokens, run_usd),
        _limit(
            "Today's budget of this workspace for language models",
            of_workspace, settings.RBI_DAY_TOKENS, settings.RBI_DAY_USD,
        ),
    ]  # fmt: skip


def _limit(what: str, rows: QuerySet[Spend], tokens: int, usd: float) -> Limit:
    taken = rows.aggregate(tokens=Sum(F("tokens_in") + F("tokens_out")), micro_usd=Sum("micro_usd"))
    return Limit(what, tokens - (taken["tokens"] or 0), round(usd * MICRO) - (taken["micro_usd"] or 0))
