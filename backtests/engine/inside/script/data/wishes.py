"""What a script expects of its data file, read from the script itself without running it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

# How files of bars call their columns, without case, blanks, brackets and underscores.
_MEANINGS = {
    "time": (
        "datetime date time timestamp opentime unix unixtime gmttime localtime ts t timeutc dateutc datetimeutc "
        "utctime epoch dt timeopen opentimestamp startat"
    ),
    "Open": "open o openprice priceopen firstprice openbid",
    "High": "high h highprice pricehigh highbid",
    "Low": "low l lowprice pricelow lowbid",
    "Close": "close c closeprice priceclose price last lastprice closebid",
    "Volume": "volume v vol volumebtc volumeusdt volumeusd basevolume volumefrom tickvolume tickvol realvolume amount",
    "Adj": "adjclose adjustedclose",
    "Funding": "funding fundingrate",
    "OpenInterest": "openinterest oi",
    "Liquidations": "liquidations liquidation liquidationvolume liq",
    "close time": "closetime",
    "quote": "quotevolume quoteassetvolume quoteav volumequote turnover",
}
_BY_WORD = {word: meaning for meaning, words in _MEANINGS.items() for word in words.split()}
PRICES = ("Open", "High", "Low", "Close")
_PLAIN = ("open", "high", "low", "close", "volume")


def meaning(name: object) -> str:
    """What a column name stands for: `time`, a column of the data set, `quote`, `close time`, `Adj`, or nothing."""
    return _BY_WORD.get(re.sub(r"[^a-z]", "", str(name).lower()), "")


@dataclass
class Wishes:
    """Names of columns and shapes of times that a script mentions, in the order of its text."""

    # Whole lists of columns: `names=[...]` and `df.columns = [...]`.
    lists: list[tuple[str, ...]] = field(default_factory=list)
    times: list[str] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    mentioned: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    formats: list[str] = field(default_factory=list)
    # `df.set_index("date")` and the like: the time is wanted as a column.
    time_is_column: bool = False
    # `df.columns.droplevel(1)`: two rows of headers, as yfinance has them.
    two_levels: bool = False

    def names_of(self, column: str) -> list[str]:
        """How the script may call a column of the data set."""
        renamed = [old for old, new in self.renamed.items() if meaning(new) == column and old != new]
        return renamed + [name for name in self.mentioned if meaning(name) == column]


def wishes_of(tree: ast.AST) -> Wishes:
    """Read a script's expectations from its syntax tree."""
    wishes = Wishes()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            _read_call(node, wishes)
        elif isinstance(node, ast.Assign):
            _read_assignment(node, wishes)
        elif isinstance(node, ast.Subscript):
            wishes.mentioned += _strings(node.slice)
        elif isinstance(node, ast.Attribute):
            _read_attribute(node, wishes)
    wishes.times += [name for name in wishes.mentioned if meaning(name) == "time"]
    return wishes


def _read_call(call: ast.Call, wishes: Wishes) -> None:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    reader = _READERS.get(name)
    if reader:
        reader(call, wishes)
    if name.startswith("read_"):
        _read_reader(call, wishes)
    for keyword in call.keywords:
        if keyword.arg in ("format", "date_format"):
            wishes.formats += _strings(keyword.value)


def _read_attribute(node: ast.Attribute, wishes: Wishes) -> None:
    """`df.close` of a table; `self.data.Close` is backtesting.py's."""
    if isinstance(node.value, ast.Name) and node.value.id != "self" and node.attr.lower() in _PLAIN:
        wishes.mentioned.append(node.attr)


def _read_reader(call: ast.Call, wishes: Wishes) -> None:
    for keyword in call.keywords:
        if keyword.arg == "names":
            wishes.lists.append(tuple(_strings(keyword.value)))
        elif keyword.arg in ("index_col", "parse_dates"):
            wishes.times += _strings(keyword.value)
        elif keyword.arg in ("usecols", "dtype", "columns"):
            wishes.mentioned += _strings(keyword.value)


def _read_set_index(call: ast.Call, wishes: Wishes) -> None:
    names = [name for argument in call.args[:1] for name in _strings(argument)]
    wishes.times += names
    wishes.time_is_column |= bool(names)


def _read_to_datetime(call: ast.Call, wishes: Wishes) -> None:
    wishes.units += [u for k in call.keywords if k.arg == "unit" for u in _strings(k.value)]
    for argument in call.args[:1]:
        if isinstance(argument, ast.Subscript):
            wishes.times += _strings(argument.slice)
            wishes.time_is_column |= bool(_strings(argument.slice))


def _read_rename(call: ast.Call, wishes: Wishes) -> None:
    tables = [k.value for k in call.keywords if k.arg == "columns"] + call.args[:1]
    for table in tables:
        if isinstance(table, ast.Dict):
            for key, value in zip(table.keys, table.values, strict=True):
                for old, new in zip(_strings(key), _strings(value), strict=False):
                    wishes.renamed[old] = new


def _read_strptime(call: ast.Call, wishes: Wishes) -> None:
    wishes.formats += [name for argument in call.args[1:2] for name in _strings(argument)]


def _read_levels(call: ast.Call, wishes: Wishes) -> None:
    wishes.two_levels = True


_READERS = {
    "set_index": _read_set_index,
    "to_datetime": _read_to_datetime,
    "rename": _read_rename,
    "strptime": _read_strptime,
    "droplevel": _read_levels,
}


def _read_assignment(node: ast.Assign, wishes: Wishes) -> None:
    for target in node.targets:
        if isinstance(target, ast.Attribute) and target.attr == "columns" and isinstance(node.value, ast.List):
            wishes.lists.append(tuple(_strings(node.value)))


def _strings(node: ast.AST | None) -> list[str]:
    """The text constants of an expression that is one, or a list, tuple, set or dict of them."""
    return list(_walk_strings(node)) if node is not None else []


def _walk_strings(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.List | ast.Tuple | ast.Set):
        for element in node.elts:
            yield from _walk_strings(element)
    elif isinstance(node, ast.Dict):
        for part in (*(k for k in node.keys if k is not None), *node.values):
            yield from _walk_strings(part)
