"""Methods of Series and DataFrame that pandas 3 no longer has, or that no longer take what they took."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd

from backtests.engine.inside.script.notes import Notes

Method = Callable[..., Any]
# Arguments that once were allowed and never changed the outcome much.
_GONE = {
    "to_datetime": ("infer_datetime_format",),
    "pct_change": ("fill_method", "limit"),
    "replace": ("method",),
    "groupby": ("squeeze",),
    "rolling": ("axis",),
    "ewm": ("axis",),
    "resample": ("base", "loffset", "kind", "axis", "convention"),
    "sum": ("level",),
    "mean": ("level",),
}


def changes(notes: Notes) -> Iterator[tuple[Any, str, Any]]:
    for kind in (pd.DataFrame, pd.Series):
        yield kind, "append", _append(notes)
        yield kind, "iteritems", _again(notes, "iteritems", "items")
        yield kind, "fillna", _fillna(kind.fillna, notes)
        yield kind, "pad", _again(notes, "pad", "ffill")
        yield kind, "backfill", _again(notes, "backfill", "bfill")
        yield kind, "mad", _mad(notes)
        for name in ("pct_change", "replace", "groupby", "rolling", "ewm", "sum", "mean"):
            yield kind, name, _without(getattr(kind, name), name, notes)
        for name in ("set_axis", "drop"):
            yield kind, name, _in_place(getattr(kind, name), name, notes)
    yield pd.DataFrame, "applymap", _again(notes, "applymap", "map")
    yield pd.Series, "is_monotonic", property(lambda self: self.is_monotonic_increasing)
    yield pd.DatetimeIndex, "week", property(lambda self: self.isocalendar().week)
    yield pd.DatetimeIndex, "weekofyear", property(lambda self: self.isocalendar().week)
    yield pd, "to_datetime", _without(pd.to_datetime, "to_datetime", notes)
    yield pd, "set_option", _leniently(pd.set_option)
    yield pd.Series, "__getitem__", _by_place(pd.Series.__getitem__, notes)


def _said(notes: Notes, what: str) -> None:
    notes.add(f"pandas 3 has no {what}; it was done in the way that pandas 3 has.")


def _append(notes: Notes) -> Method:
    def append(self: Any, other: Any, ignore_index: bool = False, **_: Any) -> Any:
        _said(notes, "append()")
        if isinstance(other, dict):
            other = pd.DataFrame([other])
        elif isinstance(other, pd.Series) and isinstance(self, pd.DataFrame):
            other = other.to_frame().T
        others = other if isinstance(other, list) else [other]
        return pd.concat([self, *others], ignore_index=ignore_index)

    return append


def _again(notes: Notes, old: str, new: str) -> Method:
    def method(self: Any, *given: Any, **named: Any) -> Any:
        _said(notes, f"{old}()")
        return getattr(self, new)(*given, **named)

    return method


def _mad(notes: Notes) -> Method:
    def mad(self: Any, **_: Any) -> Any:
        _said(notes, "mad()")
        return (self - self.mean()).abs().mean()

    return mad


def _fillna(real: Method, notes: Notes) -> Method:
    def fillna(self: Any, value: Any = None, method: str | None = None, **named: Any) -> Any:
        if isinstance(value, str) and value in ("ffill", "bfill", "pad", "backfill"):
            value, method = None, value
        if method is None:
            return real(self, value, **named)
        _said(notes, "fillna(method=...)")
        return getattr(self, "ffill" if method in ("ffill", "pad") else "bfill")(
            inplace=named.get("inplace", False), limit=named.get("limit")
        )

    return fillna


def _without(real: Method, name: str, notes: Notes) -> Method:
    gone = _GONE[name]

    def method(*given: Any, **named: Any) -> Any:
        found = [argument for argument in gone if argument in named]
        for argument in found:
            value = named.pop(argument)
            if value is not None:
                _said(notes, f"{name}({argument}=...)")
        return real(*given, **named)

    return method


def _in_place(real: Method, name: str, notes: Notes) -> Method:
    """`drop("x", 1)` and `set_axis(..., inplace=True)`."""

    def method(self: Any, labels: Any = None, *rest: Any, **named: Any) -> Any:
        if rest:
            _said(notes, f"{name}() with its axis by place")
            named["axis"] = rest[0]
        if name == "set_axis" and "inplace" in named:
            _said(notes, "set_axis(inplace=...)")
            if named.pop("inplace"):
                setattr(self, "columns" if named.get("axis") in (1, "columns") else "index", labels)
                return None
        return real(self, labels, **named) if labels is not None else real(self, **named)

    return method


def _leniently(real: Method) -> Method:
    """Options for display that pandas no longer has change nothing."""

    def set_option(*given: Any, **named: Any) -> None:
        try:
            real(*given, **named)
        except (KeyError, AttributeError, ValueError):
            return

    return set_option


def _by_place(real: Method, notes: Notes) -> Method:
    """`series[-1]` by place where the labels are times, as pandas 2 had it.

    Inside `next` a series as long as the whole data ends, for such an access, at the bar of the moment: a script that
    pandas 3 refuses is not mended into one that sees the future.
    """

    def get(self: pd.Series, key: Any) -> Any:
        try:
            return real(self, key)
        except KeyError:
            is_default = isinstance(self.index, pd.RangeIndex) or not pd.api.types.is_numeric_dtype(self.index.dtype)
            if isinstance(key, bool) or not isinstance(key, int) or not is_default:
                raise
            now, whole = notes.bars() or (len(self), len(self))
            length = now if len(self) == whole else len(self)
            place = key + length if key < 0 else key
            if not 0 <= place < length:
                raise
            notes.add("pandas 3 reads series[-1] as a label; it was read as a place.")
            return self.iloc[place]

    return get
