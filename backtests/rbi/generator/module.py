"""The whole module: docstring, functions, class and the block that runs it from a terminal."""

from __future__ import annotations

from collections.abc import Callable

from backtests.engine.settings import Settings
from backtests.rbi.generator import pieces
from backtests.rbi.generator.expressions import Writer
from backtests.rbi.generator.layout import broken
from backtests.rbi.generator.names import class_name, plain, wrapped
from backtests.rbi.generator.orders import SIDES, Orders
from backtests.rbi.generator.plan import Plan
from backtests.rbi.indicators import code_of
from backtests.rbi.spec import Parameter, Side, Specification, in_words
from backtests.rbi.spec.checks import TIMES, check
from backtests.rbi.spec.walk import parameters_of

UNITS = {"percent": "percent", "atr": "times the ATR", "usd": "USD", "units": "units", "ratio": "", "": ""}
HEAD = '''\
"""{title}

{text}

Signals are taken at the close of a bar and filled at the open of the next one.
To run it on a CSV file of bars: pip install backtesting, then python {file}.py bars.csv
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
from backtesting import Backtest, Strategy
'''
MAIN = """\
if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Name the CSV file of the bars: python {file}.py bars.csv")
    bars = read_bars(sys.argv[1])
    cash = {cash}
{unit}    backtest = Backtest(
        bars,
        {name},
        cash=cash / unit,
{account}    )
    stats = backtest.run({given})
    for name in ("Equity Final [$]", "Equity Peak [$]", "Commissions [$]"):
        if name in stats:
            stats[name] *= unit
    print(stats)
"""


# What is not said where it is as backtesting.py has it.
USUAL = {"margin": 1.0, "trade_on_close": False, "exclusive_orders": False, "finalize_trades": False}
DEAR = """\
    # backtesting.py trades whole units. Where one is dear, it counts millionths of it and of the cash.
    unit = 1 if bars.Close.max() <= cash / 10 else 1e-6
"""


def generate(specification: Specification, settings: Settings | None = None) -> str:
    """The source of a module with one Strategy class. Raises Invalid if the specification does not fit together.

    The same specification gives the same text. The module needs backtesting, numpy and pandas, nothing of ours. Run
    from a terminal it trades with `settings` (None: the usual ones).
    """
    check(specification)
    plan = Plan(specification)
    body = _class(specification, plan)
    used: list[Callable[..., object]] = [*plan.functions.values(), pieces.read_bars]
    functions = [code_of(function) for function in used]
    name, file = class_name(specification), "strategy"
    main = MAIN.replace("{name}", name).replace("{file}", file)
    for blank, text in _account(specification, settings or Settings()).items():
        main = main.replace(f"{{{blank}}}", text)
    return "\n\n\n".join([_head(specification, file), *functions, body, main]).replace("\n\n\n\n", "\n\n\n")


def _account(specification: Specification, settings: Settings) -> dict[str, str]:
    """What the block at the end says of the account, by the blank that it fills."""
    fixed = f"({settings.commission_fixed:g} / unit, {settings.commission:g})"
    lines = [f"commission={fixed if settings.commission_fixed else f'{settings.commission:g}'}"]
    lines += [f"spread={settings.spread:g}"]
    rules = {name: getattr(settings, name) for name in USUAL}
    lines += [f"{name}={value!r}" for name, value in rules.items() if value != USUAL[name]]
    given = ["traded_unit=unit"] if specification.sizing.kind in ("cash", "units") else []
    if specification.sizing.kind in ("cash", "risk") and settings.margin != 1:
        given.append(f"most_leverage={1 / settings.margin:.10g}")
    return {
        "cash": f"{settings.cash:_.10g}".removesuffix(".0") if settings.cash < 1e9 else f"{settings.cash!r}",
        "unit": DEAR if settings.unit is None else f"    unit = {settings.unit!r}\n",
        "account": "".join(f"        {line},\n" for line in lines),
        "given": ", ".join(given),
    }


def _head(specification: Specification, file: str) -> str:
    title = plain(specification.name).rstrip(".") + "."
    text = [*([specification.description] if plain(specification.description) else []), *in_words(specification)]
    shown = "\n".join(wrapped(text))
    return HEAD.replace("{title}", title).replace("{file}", file).replace("{text}", shown).rstrip()


def _class(specification: Specification, plan: Plan) -> str:
    writer = Writer(plan)
    methods = [*_conditions(specification, writer), *_orders(specification, plan, writer)]
    methods = [_init(plan, writer), *methods, _next(specification, writer)]
    attributes = "\n".join(f"    {line}" for line in _attributes(specification))
    return "\n\n".join([f"class {class_name(specification)}(Strategy):\n{attributes}", *map(_method, methods)])


def _method(lines: list[str]) -> str:
    return "\n".join(f"    {line}".rstrip() for line in lines)


def _attributes(specification: Specification) -> list[str]:
    parameters = parameters_of(specification).items()
    lines = [f"{name} = {_value(parameter)}{_comment(parameter)}" for name, parameter in parameters]
    if specification.sizing.kind in ("cash", "units"):
        lines += ["# The part of a unit that the backtest counts as one.", "traded_unit = 1.0"]
    if specification.sizing.kind in ("cash", "risk"):
        lines += ["# How many times the equity a position may be worth, 1 / margin.", "most_leverage = 1.0"]
    return lines


def _value(parameter: Parameter) -> str:
    whole = parameter.value == int(parameter.value)
    is_int = whole and (parameter.whole or parameter.unit in ("bars", *TIMES) or not parameter.unit)
    return str(int(parameter.value)) if is_int else repr(parameter.value)


def _comment(parameter: Parameter) -> str:
    unit = parameter.unit if parameter.unit in ("bars", *TIMES) else UNITS[parameter.unit]
    text = ", ".join(part for part in (plain(parameter.label), unit) if part)
    return f"  # {text}" if text else ""


def _init(plan: Plan, writer: Writer) -> list[str]:
    lines = [f"    {line}" for line in plan.setup]
    if writer.needed:
        lines.append(f"    self.bars_needed = {writer.most_needed()}")
    return ["def init(self):", *(lines or ["    pass"])]


def _conditions(specification: Specification, writer: Writer) -> list[list[str]]:
    found = []
    for name in SIDES:
        side: Side | None = getattr(specification, name)
        for verb, condition in (("enters", side.entry), ("exits", side.exit)) if side else ():
            if condition:
                lines = broken(writer.condition(condition), before="return ", indent="    ")
                found.append([f"def {verb}_{name}(self):", *lines])
    return found


def _orders(specification: Specification, plan: Plan, writer: Writer) -> list[list[str]]:
    orders = Orders(specification, plan, writer)
    opening = [orders.open_position(name) for name in SIDES if getattr(specification, name)]
    return [lines for lines in (*opening, orders.size_for(), orders.trail_stops(), orders.close_old_trades()) if lines]


def _next(specification: Specification, writer: Writer) -> list[str]:
    lines = ["if len(self.data) < self.bars_needed:", "    return"] if writer.needed else []
    lines += ["self.trail_stops()"] if specification.stop and specification.stop.trailing else []
    lines += ["self.close_old_trades()"] if specification.hold else []
    for name in SIDES:
        side: Side | None = getattr(specification, name)
        if side and side.exit:
            lines += [f"if self.position.is_{name} and self.exits_{name}():", "    self.position.close()"]
    return ["def next(self):", *(f"    {line}" for line in [*lines, *_entries(specification)])]


def _entries(specification: Specification) -> list[str]:
    if specification.long and specification.short:
        return [
            "long, short = self.enters_long(), self.enters_short()",
            "if long and not short and not self.position.is_long:",
            "    self.open_long()",
            "if short and not long and not self.position.is_short:",
            "    self.open_short()",
        ]
    name = "long" if specification.long else "short"
    return [f"if not self.position and self.enters_{name}():", f"    self.open_{name}()"]
