"""The shapes of a specification.

Version 1. A specification is JSON. Every number in it is a named parameter, so that a form can show it, an optimiser
can move it and the generated class has it as an attribute. Conditions and operands are trees of small objects, each
with a `kind`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

VERSION = 1

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Unit = Literal["", "bars", "minutes", "hours", "days", "weeks", "percent", "atr", "usd", "units", "ratio"]


class Part(BaseModel):
    """A piece of a specification: nothing unknown, never changed in place."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Parameter(Part):
    """A number with a name. A length of time (`hours`, `days`, …) becomes bars of whatever data the strategy runs on.

    `low`, `high` and `step` bound what a form accepts and an optimiser tries.
    """

    value: float
    low: float | None = None
    high: float | None = None
    step: float | None = None
    whole: bool = False
    unit: Unit = ""
    label: str = Field(default="", max_length=80)


class Price(Part):
    """A column of the bars, `ago` bars back."""

    kind: Literal["price"] = "price"
    column: Literal[
        "open", "high", "low", "close", "volume", "typical", "middle", "funding", "open_interest", "liquidations"
    ]
    ago: int = Field(default=0, ge=0, le=500)


class Number(Part):
    """The value of a parameter."""

    kind: Literal["number"] = "number"
    parameter: Name


class Indicator(Part):
    """An indicator of the registry: `args` names a parameter for each of its own, `output` one of its lines.

    `source` is what it is computed from; the registry says which indicators take one (default: the close).
    """

    kind: Literal["indicator"] = "indicator"
    name: Name
    args: dict[str, Name] = Field(default_factory=dict)
    output: str = Field(default="", max_length=20)
    source: Operand | None = None
    ago: int = Field(default=0, ge=0, le=500)


class Sum(Part):
    """Two operands and what is done with them."""

    kind: Literal["sum"] = "sum"
    left: Operand
    sign: Literal["+", "-", "*", "/"]
    right: Operand


Operand = Annotated[Price | Number | Indicator | Sum, Field(discriminator="kind")]


class Compare(Part):
    """One side is above or below the other on this bar."""

    kind: Literal["compare"] = "compare"
    left: Operand
    sign: Literal[">", ">=", "<", "<="]
    right: Operand


class Cross(Part):
    """The left crosses over or under the right on this bar: on the other side, or equal, the bar before."""

    kind: Literal["cross"] = "cross"
    left: Operand
    way: Literal["over", "under"]
    right: Operand


class Trend(Part):
    """The operand rose (or fell) on each of the last so many bars."""

    kind: Literal["trend"] = "trend"
    operand: Operand
    way: Literal["rising", "falling"]
    bars: Name


class Within(Part):
    """The condition was true on this bar or one of the last so many."""

    kind: Literal["within"] = "within"
    condition: Condition
    bars: Name


class Held(Part):
    """The condition was true on each of the last so many bars, this one among them."""

    kind: Literal["held"] = "held"
    condition: Condition
    bars: Name


class Signal(Part):
    """An indicator that says yes or no, such as a candle pattern, says yes on this bar."""

    kind: Literal["signal"] = "signal"
    indicator: Indicator


class During(Part):
    """The bar's time in UTC: hours from `first` up to and with `last`, and days of the week (0 = Monday).

    When `first` is the later one the hours go over midnight. No weekdays: all of them.
    """

    kind: Literal["during"] = "during"
    first: int = Field(default=0, ge=0, le=23)
    last: int = Field(default=23, ge=0, le=23)
    weekdays: tuple[Annotated[int, Field(ge=0, le=6)], ...] = ()


class All(Part):
    """Every one of them."""

    kind: Literal["all"] = "all"
    of: tuple[Condition, ...] = Field(min_length=1, max_length=12)


class Any(Part):
    """At least one of them."""

    kind: Literal["any"] = "any"
    of: tuple[Condition, ...] = Field(min_length=1, max_length=12)


class Not(Part):
    """It is not so."""

    kind: Literal["not"] = "not"
    condition: Condition


Condition = Annotated[
    Compare | Cross | Trend | Within | Held | Signal | During | All | Any | Not, Field(discriminator="kind")
]


class Side(Part):
    """When to open a position on one side, and when to close it beside stops and targets.

    Without `exit` a position is closed by a stop, a target, time or the other side's entry.
    """

    entry: Condition
    exit: Condition | None = None


class Stop(Part):
    """Where a position is closed at a loss.

    `percent` of the price; `atr` times the average true range of `period`; `swing`: the lowest low (highest high for
    shorts) of `period` bars, moved away by `distance` percent if there is one; `price`: so far away in the quote
    currency, or with `fixed` at that price itself, for a strategy of one side. The price is the close of the bar that
    gave the signal; the fill is the open after it. A trailing stop follows the close and never goes back.
    """

    kind: Literal["percent", "atr", "swing", "price"]
    distance: Name | None = None
    period: Name | None = None
    trailing: bool = False
    fixed: bool = False


class Target(Part):
    """Where a position is closed at a gain, from the same price as the stop. `risk`: times the stop's distance.

    `fixed` is as for a stop.
    """

    kind: Literal["percent", "atr", "risk", "price"]
    distance: Name
    period: Name | None = None
    fixed: bool = False


class Sizing(Part):
    """How much: a `fraction` of the equity (0 to 1, or percent if that is the amount's unit), `risk` percent of it
    lost at the stop, `cash` in the quote currency, or `units` of what is traded.
    """

    kind: Literal["fraction", "risk", "cash", "units"] = "fraction"
    amount: Name


class Specification(Part):
    """A whole strategy: at least one side, every number among `parameters`."""

    version: Literal[1] = 1
    name: str = Field(min_length=1, max_length=80)
    description: str = Field(default="", max_length=2000)
    parameters: dict[Name, Parameter]
    long: Side | None = None
    short: Side | None = None
    stop: Stop | None = None
    target: Target | None = None
    # Closes a position after so long.
    hold: Name | None = None
    sizing: Sizing
