"""The whole module: docstring, functions, class and the block that runs it from a terminal."""

from __future__ import annotations

from collections.abc import Callable

from backtests.rbi.generator import pieces
from backtests.rbi.generator.expressions import Writer
from backtests.rbi.generator.layout import broken
from backtests.rbi.generator.names import class_name, plain, wrapped
from backtests.rbi.generator.orders import SIDES, Orders
from backtests.rbi.generator.plan import Plan
from backtests.rbi.indicators import code_of
from backtests.rbi.spec import Parameter, Side, Specification, in_words
from backtests.rbi.spec.checks import TIMES, check

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
    cash = 10_000
    # backtesting.py trades whole units. Where one is dear, it counts millionths of it and of the cash.
    unit = 1 if bars.Close.max() <= cash / 10 else 1e-6
    backtest = Backtest(
        bars,
        {name},
        cash=cash / unit,
        commission=0.001,
        spread=0.0002,
        exclusive_orders=True,
        finalize_trades=True,
    )
    stats = backtest.run({given})
    for name in ("Equity Final [$]", "Equity Peak [$]", "Commissions [$]"):
        if name in stats:
            stats[name] *= unit
    print(stats)
"""


def generate(specification: Specification) -> str:
    """The source of a module with one Strategy class. Raises Invalid if the specification does not fit together.

    The same specification gives the same text. The module needs backtesting, numpy and pandas, nothing of ours.
    """
    check(specification)
    plan = Plan(specification)
    body = _class(specification, plan)
    used: list[Callable[..., object]] = [*plan.functions.values(), pieces.read_bars]
    functions = [code_of(function) for function in used]
    name, file = class_name(specification), "strategy"
    given = "traded_unit=unit" if specification.sizing.kind in ("cash", "units") else ""
    main = MAIN.replace("{name}", name).replace("{given}", given).replace("{file}", file)
    return "\n\n\n".join([_head(specification, file), *functions, body, main]).replace("\n\n\n\n", "\n\n\n")


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
    parameters = specification.parameters.items()
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
