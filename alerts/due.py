"""Which alerts are due at a moment, and which of those a value may change. Both are answered in the database.

100,000 alerts are not read to find the ten that change. The query that picks them follows `machine.step`: it leaves out
an alert only where the step would change nothing, and every other one is decided by the rule and the machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, NamedTuple

from psycopg import sql

from alerts.aggregates.windows import ask
from alerts.columns import arrays, texts
from alerts.rules.registry import RULES
from alerts.rules.shapes import Aggregate, AggregateKey, Config
from billing.models import Entitlement, Plan
from billing.terms import FREE


@dataclass(frozen=True, slots=True)
class Group:
    """Alerts that are compared with the same value, however their thresholds differ. No key: the kind is unknown."""

    kind: str
    symbol: str
    direction: str
    window_minutes: int
    alerts: int
    key: AggregateKey | None


@dataclass(frozen=True, slots=True)
class Due:
    """Whose alerts are due: those of some workspaces with a grant, and perhaps everybody's who has none."""

    granted: list[int]
    of_due_plans: list[int]
    is_free_due: bool

    def parameters(self) -> dict[str, Any]:
        return {"granted": self.granted, "paid": self.of_due_plans, "free": self.is_free_due}


def due_at(at: datetime, last: datetime | None) -> Due:
    """Those whose plan's interval has passed a multiple of itself since the last finished round."""
    plans = {
        plan for plan, seconds in Plan.objects.values_list("name", "alert_poll_seconds") if _is_due(seconds, at, last)
    }
    best = Entitlement.objects.in_force(at).order_by("workspace_id", "-plan__rank").distinct("workspace_id")
    plan_of = dict(best.values_list("workspace_id", "plan_id"))
    return Due(list(plan_of), [pk for pk, plan in plan_of.items() if plan in plans], FREE in plans)


def _is_due(seconds: int, at: datetime, last: datetime | None) -> bool:
    return last is None or int(at.timestamp()) // seconds != int(last.timestamp()) // seconds


RUNNING = sql.SQL("""
    alerts_alert AS alert JOIN accounts_workspace AS workspace ON workspace.id = alert.workspace_id
    {more}
    WHERE alert.enabled AND NOT alert.over_plan AND workspace.closed_at IS NULL
        AND (alert.workspace_id = ANY(%(paid)s::bigint[])
            OR (%(free)s AND NOT alert.workspace_id = ANY(%(granted)s::bigint[])))""")
GROUPS = sql.SQL("SELECT kind, symbol, direction, window_minutes, count(*) FROM {} GROUP BY 1, 2, 3, 4").format(
    RUNNING.format(more=sql.SQL(""))
)


def groups_of(due: Due) -> list[Group]:
    """The due alerts, counted by what they are compared with."""
    return [_group(*row) for row in ask(GROUPS, due.parameters())]


def _group(kind: str, symbol: str, direction: str, window_minutes: int, alerts: int) -> Group:
    rule = RULES.get(kind)
    key = None if rule is None else rule.aggregate_of(Config(kind, 1.0, window_minutes, symbol, direction))
    return Group(kind, symbol, direction, window_minutes, alerts, key)


# Of nobody: a single empty text would be none.
NOBODYS = ("", "", "", 0, 0, None, False, False, 0, False)
COLUMNS = {
    "kinds": "text",
    "symbols": "text",
    "directions": "text",
    "windows": "int",
    "numbers": "int",
    "values": "float8",
    "stale": "bool",
    "lost": "bool",
    "newest": "float8",
    "momentary": "bool",
}
# `measured` is the value as the rule sees it: of trades only those that the alert has not seen, of whales the change
# since the baseline. A comparison with an empty value is neither true nor false, and `IS TRUE` makes that false.
VALUES = sql.SQL("""
    JOIN unnest({columns}) AS held (
            kind, symbol, direction, window_minutes, number, value, is_stale, is_lost, newest, momentary)
        USING (kind, symbol, direction, window_minutes)
    LEFT JOIN alerts_alertsettings AS settings ON settings.workspace_id = alert.workspace_id
    CROSS JOIN LATERAL (SELECT CASE
        WHEN kind = 'whale_activity' THEN abs(held.value - alert.baseline)
        WHEN kind = 'copybot_trade' AND (held.newest <= alert.baseline) IS TRUE THEN 0
        ELSE held.value END AS measured) AS seen
    CROSS JOIN LATERAL (SELECT
        (measured >= threshold) IS TRUE AS is_over,
        (measured < coalesce(recovery_threshold, threshold)) IS TRUE AS is_below) AS level""")
UNCHANGED = sql.SQL("""
    held.value IS NULL AND number >= 0 AND phase = 'no_data'
    OR number < 0 AND phase = 'error'
    OR held.value IS NOT NULL AND (NOT momentary OR baseline IS NOT NULL) AND CASE
        WHEN is_over AND is_open THEN phase = 'firing'
        WHEN is_over THEN phase = 'pending' AND %(at)s < greatest(
            phase_since + for_minutes * interval '1 minute',
            last_triggered_at + cooldown_minutes * interval '1 minute')
        WHEN is_lost THEN phase = 'no_data'
        WHEN is_stale THEN true
        WHEN is_open THEN phase = 'recovering' AND NOT is_below
        ELSE phase = 'normal' END""")


class Found(NamedTuple):
    """An alert as far as a round looks at it, the number of its group and until when its workspace is muted.

    A hundred thousand instances of the model would take longer to make than to look at.
    """

    id: str
    kind: str
    symbol: str
    direction: str
    threshold: float
    recovery_threshold: float | None
    window_minutes: int
    for_minutes: int
    cooldown_minutes: int
    quiet_from: time | None
    quiet_until: time | None
    time_zone: str
    snoozed_until: datetime | None
    phase: str
    phase_since: datetime
    value: float | None
    baseline: float | None
    last_triggered_at: datetime | None
    excursion: int
    is_open: bool
    place: int
    muted_until: datetime | None


CHANGING = sql.SQL("""
    SELECT {columns}, held.number, settings.muted_until
    FROM {running} AND NOT ({unchanged}) ORDER BY alert.id""").format(
    columns=sql.SQL(", ").join(sql.Identifier("alert", name) for name in Found._fields[:-2]),
    running=RUNNING.format(more=VALUES.format(columns=arrays(COLUMNS))),
    unchanged=UNCHANGED,
)
NEVER = Aggregate(None)


def changing(
    due: Due, groups: Sequence[Group], aggregates: Mapping[AggregateKey, Aggregate], at: datetime
) -> Iterator[tuple[Found, Group]]:
    """The due alerts that may change, each with its group."""
    if not groups:
        return
    # Numbers begin at 1; that of an unknown kind is negative.
    rows = [NOBODYS, *(_row(number, group, aggregates) for number, group in enumerate(groups, start=1))]
    for alert in map(Found._make, ask(CHANGING, due.parameters() | texts(COLUMNS, rows) | {"at": at})):
        yield alert, groups[abs(alert.place) - 1]


def _row(number: int, group: Group, aggregates: Mapping[AggregateKey, Aggregate]) -> tuple[Any, ...]:
    aggregate = NEVER if group.key is None else aggregates[group.key]
    return (
        group.kind,
        group.symbol,
        group.direction,
        group.window_minutes,
        number if group.key else -number,
        aggregate.value,
        aggregate.is_stale,
        aggregate.is_lost,
        max((trade.id for trade in aggregate.trades), default=0),
        group.key is not None and RULES[group.kind].MOMENTARY,
    )
