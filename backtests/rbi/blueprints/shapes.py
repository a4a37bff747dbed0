"""What a blueprint is: a strategy of our own writing as data, with its words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from backtests.rbi.blueprints.parts import bars, factor
from backtests.rbi.spec import Condition, Parameter, Side, Sizing, Specification, Stop, Target

Family = Literal[
    "trend",
    "reversion",
    "breakout",
    "volatility",
    "volume",
    "momentum",
    "pattern",
    "funding",
    "open interest",
    "liquidation",
]
# Those that every data set has; others are asked for by name.
COLUMNS = frozenset({"open", "high", "low", "close", "volume"})


@dataclass(frozen=True)
class Rule:
    """A side: when it opens and closes, and both in words. `{name}` in a text is the value of that parameter."""

    entry: Condition
    opens: str
    exit: Condition | None = None
    closes: str = ""

    @property
    def side(self) -> Side:
        return Side(entry=self.entry, exit=self.exit)


@dataclass(frozen=True)
class Confirm:
    """The idea as a filter of another strategy: what must hold for a long and for a short entry, and in words."""

    long: Condition
    short: Condition
    says: str
    # The parameters that it takes from its blueprint's.
    uses: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """The rules and the numbers in them."""

    parameters: Mapping[str, Parameter]
    long: Rule | None
    short: Rule | None
    confirm: Confirm | None = None


@dataclass(frozen=True)
class Proxy:
    """What stands in when the data set lacks the column, and a sentence that says so honestly."""

    plan: Plan
    says: str


@dataclass(frozen=True)
class Blueprint:
    """A strategy by name. `words` are how people call it, the most telling first; the matching reads them.

    `stop_atr` is the stop's distance in average true ranges, `reward` the target's in stops; `hold` closes after so
    many bars. `column` is the one that it needs beside open, high, low, close and volume.
    """

    name: str
    title: str
    family: Family
    thesis: str
    words: tuple[str, ...]
    plan: Plan
    column: str = ""
    proxy: Proxy | None = None
    stop_atr: float = 2.0
    trailing: bool = False
    reward: float | None = None
    hold: int | None = None
    # Words that people use for more than it computes, and a sentence that says what it does instead.
    loosely: tuple[str, ...] = ()
    loosely_says: str = ""
    # Weaker words: they speak for it and never name it alone.
    hints: tuple[str, ...] = field(default=())

    def stands_in(self, columns: Collection[str]) -> bool:
        """Whether the data set lacks what the idea is about, so that the proxy is used."""
        return bool(self.column) and self.column not in columns

    def plan_for(self, columns: Collection[str] = COLUMNS) -> Plan:
        return self.proxy.plan if self.proxy and self.stands_in(columns) else self.plan

    def specification(self, columns: Collection[str] = COLUMNS) -> Specification:
        plan = self.plan_for(columns)
        return Specification(
            name=self.title,
            description=self.thesis,
            parameters={**plan.parameters, **self._risk()},
            long=plan.long.side if plan.long else None,
            short=plan.short.side if plan.short else None,
            stop=Stop(kind="atr", distance="stop_atr", period="atr_period", trailing=self.trailing),
            target=Target(kind="risk", distance="reward") if self.reward else None,
            hold="hold_bars" if self.hold else None,
            sizing=Sizing(kind="fraction", amount="size"),
        )

    def _risk(self) -> dict[str, Parameter]:
        found = {
            "stop_atr": Parameter(
                value=self.stop_atr, low=0.5, high=10, step=0.25, unit="atr", label="Stop in average true ranges"
            ),
            "atr_period": bars(14, 5, 50, "Bars of the stop's true range"),
            "size": factor(0.95, 0.01, 1, "Part of the equity in a trade", 0.05),
        }
        if self.reward:
            found["reward"] = factor(self.reward, 0.5, 10, "Target in stops", 0.25)
        if self.hold:
            found["hold_bars"] = bars(self.hold, 1, 1000, "Longest time in a trade")
        return found
