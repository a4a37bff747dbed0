"""Puts stated numbers into a specification: those of any strategy, and those of its own parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from backtests.rbi.interpretation.numbers import Change, within
from backtests.rbi.interpretation.renaming import used_in
from backtests.rbi.interpretation.shapes import Piece, Unknown
from backtests.rbi.interpretation.stated import Stated
from backtests.rbi.spec import Parameter, Sizing, Specification, Stop, Target

TIMES = ("minutes", "hours", "days", "weeks")
LABELS = {"percent": "percent", "atr": "average true ranges"}


def with_parameter(specification: Specification, name: str, parameter: Parameter, **changed: object) -> Specification:
    """With a parameter more and fields changed, and without parameters that nothing names any longer."""
    made = specification.model_copy(
        update={"parameters": {**specification.parameters, name: parameter}, **changed},
    )
    used = {name for part in _parts(made) for name in used_in(part)} | {made.hold}
    return made.model_copy(update={"parameters": {key: one for key, one in made.parameters.items() if key in used}})


def _parts(specification: Specification) -> list[Stop | Target | Sizing]:
    named = ("long", "short", "stop", "target", "sizing")
    return [part for field in named if (part := getattr(specification, field)) is not None]


def state(specification: Specification, stated: Stated) -> tuple[Specification, Piece | Unknown]:
    """The specification with one stated number, and what its words became."""
    return SETTERS[stated.kind](specification, stated)


def _stop(specification: Specification, stated: Stated) -> tuple[Specification, Piece | Unknown]:
    trailing = stated.kind == "trailing" or bool(specification.stop and specification.stop.trailing)
    if not _is_possible(stated, 90):
        return specification, _unknown(stated, "A stop lies between 0 and 90 %, or 0 and 100 ATR.")
    name = f"stop_{stated.unit}"
    parameter = _distance(stated, f"Stop in {LABELS[stated.unit]}")
    period = "atr_period" if stated.unit == "atr" else None
    stop = Stop(kind=stated.unit, distance=name, period=period, trailing=trailing)  # type: ignore[arg-type]
    made = with_parameter(specification, name, parameter, stop=stop)
    return made, Piece(stated.words, f"{'Trailing stop' if trailing else 'Stop'} of {stated.value:g} {_unit(stated)}")


def _no_stop(specification: Specification, stated: Stated) -> tuple[Specification, Piece | Unknown]:
    if "risk" in (specification.sizing.kind, specification.target.kind if specification.target else ""):
        return specification, _unknown(stated, "Its target or size is counted in stops, so it has one. State another.")
    name, parameter = next(iter(specification.parameters.items()))
    return with_parameter(specification, name, parameter, stop=None), Piece(stated.words, "No stop")


def _target(specification: Specification, stated: Stated) -> tuple[Specification, Piece | Unknown]:
    if not _is_possible(stated, 1000):
        return specification, _unknown(stated, "A target lies above 0 and within 1,000 %.")
    name = f"target_{stated.unit}"
    parameter = _distance(stated, f"Target in {LABELS[stated.unit]}")
    period = "atr_period" if stated.unit == "atr" else None
    if period and period not in specification.parameters:
        usual = Parameter(value=14, low=5, high=50, step=1, whole=True, unit="bars", label="Bars of the true range")
        specification = specification.model_copy(update={"parameters": {**specification.parameters, period: usual}})
    target = Target(kind=stated.unit, distance=name, period=period)  # type: ignore[arg-type]
    made = with_parameter(specification, name, parameter, target=target)
    return made, Piece(stated.words, f"Target of {stated.value:g} {_unit(stated)}")


def _reward(specification: Specification, stated: Stated) -> tuple[Specification, Piece | Unknown]:
    if not 0 < stated.value <= 50:
        return specification, _unknown(stated, "A target is 0.1 to 50 times the stop.")
    parameter = Parameter(
        value=stated.value, low=min(0.5, stated.value), high=max(10, stated.value), step=0.25, unit="ratio",
        label="Target in stops",
    )  # fmt: skip
    made = with_parameter(specification, "reward", parameter, target=Target(kind="risk", distance="reward"))
    return made, Piece(stated.words, f"Target of {stated.value:g} times the stop's distance")


def _risk(specification: Specification, stated: Stated) -> tuple[Specification, Piece | Unknown]:
    if not 0 < stated.value <= 50:
        return specification, _unknown(stated, "Risk more than 0 and at most 50 % of the equity in a trade.")
    parameter = Parameter(
        value=stated.value, low=min(0.1, stated.value), high=max(5, stated.value), step=0.1, unit="percent",
        label="Part of the equity lost at the stop",
    )  # fmt: skip
    made = with_parameter(specification, "risk", parameter, sizing=Sizing(kind="risk", amount="risk"))
    return made, Piece(stated.words, f"{stated.value:g} % of the equity lost at the stop")


def _size(specification: Specification, stated: Stated) -> tuple[Specification, Piece | Unknown]:
    if not 0 < stated.value <= 100:
        return specification, _unknown(stated, "A trade takes more than 0 and at most 100 % of the equity.")
    value = min(stated.value / 100, 0.99)
    parameter = Parameter(
        value=value, low=min(0.01, value), high=1, step=0.05, unit="ratio", label="Part of the equity in a trade"
    )
    made = with_parameter(specification, "size", parameter, sizing=Sizing(kind="fraction", amount="size"))
    return made, Piece(stated.words, f"{stated.value:g} % of the equity in a trade")


def _cash(specification: Specification, stated: Stated) -> tuple[Specification, Piece | Unknown]:
    if stated.value <= 0:
        return specification, _unknown(stated, "A trade takes more than 0 USD.")
    parameter = Parameter(
        value=stated.value, low=min(1, stated.value), high=max(10_000, stated.value), unit="usd",
        label="USD in a trade",
    )  # fmt: skip
    made = with_parameter(specification, "cash", parameter, sizing=Sizing(kind="cash", amount="cash"))
    return made, Piece(stated.words, f"{stated.value:g} USD in a trade")


def _hold(specification: Specification, stated: Stated) -> tuple[Specification, Piece | Unknown]:
    if stated.value < 1 or (stated.unit == "bars" and stated.value != int(stated.value)):
        return specification, _unknown(stated, "The longest time in a trade is at least one bar, in whole bars.")
    parameter = _length(stated.value, stated.unit, "Longest time in a trade")
    made = with_parameter(specification, "hold_time", parameter, hold="hold_time")
    return made, Piece(stated.words, f"Closed after {stated.value:g} {stated.unit} at the latest")


def _leverage(specification: Specification, stated: Stated) -> tuple[Specification, Piece | Unknown]:
    return specification, _unknown(stated, "Leverage is a setting of the run: its margin is 1 divided by the leverage.")


SETTERS: Mapping[str, Callable[[Specification, Stated], tuple[Specification, Piece | Unknown]]] = {
    "no_stop": _no_stop,
    "stop": _stop,
    "trailing": _stop,
    "target": _target,
    "reward": _reward,
    "risk": _risk,
    "size": _size,
    "cash": _cash,
    "hold": _hold,
    "leverage": _leverage,
}


def _distance(stated: Stated, label: str) -> Parameter:
    unit = stated.unit
    high = max(20 if unit == "percent" else 10, stated.value)
    return Parameter(
        value=stated.value, low=min(0.1, stated.value), high=high, step=0.1, unit=unit, label=label  # type: ignore[arg-type]
    )  # fmt: skip


def _length(value: float, unit: str, label: str) -> Parameter:
    """So many bars, or a length of time that becomes bars of the data."""
    if unit in TIMES:
        return Parameter(value=value, low=min(1, value), high=max(500, value), unit=unit, label=label)  # type: ignore[arg-type]
    return Parameter(
        value=value, low=min(1, value), high=max(1000, value), step=1, whole=True, unit="bars", label=label
    )


def _unit(stated: Stated) -> str:
    return "%" if stated.unit == "percent" else "ATR"


def _is_possible(stated: Stated, most: float) -> bool:
    return 0 < stated.value <= (most if stated.unit == "percent" else 100)


def _unknown(stated: Stated, hint: str) -> Unknown:
    return Unknown(stated.words, stated.start, stated.end, hint)


def change(specification: Specification, wanted: Change) -> tuple[Specification, Piece | Unknown]:
    """The specification with one of its own parameters at another value, if its bounds let it in."""
    parameter = specification.parameters[wanted.name]
    label = parameter.label or wanted.name
    if wanted.unit in TIMES and parameter.unit == "bars":
        made = _length(wanted.value, wanted.unit, label)
        became = f"{label}: {wanted.value:g} {wanted.unit}"
    elif not within(parameter, wanted.value) or (parameter.whole and wanted.value != int(wanted.value)):
        low, high = parameter.low, parameter.high
        kind = "a whole number" if parameter.whole else "a number"
        hint = f"{label} is {kind} from {low:g} to {high:g}." if low is not None and high is not None else label
        return specification, Unknown(wanted.words, wanted.start, wanted.end, hint)
    else:
        made = parameter.model_copy(update={"value": wanted.value})
        became = f"{label}: {wanted.value:g}"
    parameters = {**specification.parameters, wanted.name: made}
    return specification.model_copy(update={"parameters": parameters}), Piece(wanted.words, became)
