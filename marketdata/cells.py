"""Cells of a file: what text is accepted for each kind of column, and what is kept of it.

Nothing is rounded, padded or repaired; the one change is that an exponent is written out by the database
(`2.6e-05` is served as `0.000026`, the same number).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from marketdata.catalogue import Column, Kind
from moondev.lib import clock

Value = str | int | bool | None


class BadCell(ValueError):
    """Why a cell is not accepted, in words for the person who imports the file."""


# Bounded on both sides: PostgreSQL would write 1e100000 out in full.
NUMBER = re.compile(r"-?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,2})?")
COUNT = re.compile(r"[0-9]{1,15}")
EPOCH_MS = re.compile(r"[0-9]{12,14}")
EPOCH_S = re.compile(r"[0-9]{9,11}")
# A venue's symbol may be non-ASCII; it never begins like a spreadsheet formula.
SYMBOL = re.compile(r"[^\s,;\"'=+\-@\x00-\x1f\x7f][^\s,;\"'\x00-\x1f\x7f]{0,39}")
WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/\-]{0,99}")
CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")
FLAGS = {"true": True, "1": True, "t": True, "false": False, "0": False, "f": False}
TEXT_LENGTH = {"label": 200, "symbol": 40, "time_text": 40}
WORD_LENGTH = {"side": 8, "time_in_force": 8, "order_type": 20, "order_status": 20, "direction": 20}


def read_cell(column: Column, text: str) -> Value:
    """The value of one cell, or `BadCell` with the reason. Blanks around a cell do not count."""
    text = text.strip(" \t\r\n")
    if not text:
        return _nothing(column)
    return READERS[column.kind](column, text)


def _nothing(column: Column) -> Value:
    if not column.optional:
        raise BadCell("is empty")
    return "" if column.kind == "text" else None


def _matching(pattern: re.Pattern[str], reason: str) -> Callable[[Column, str], str]:
    accepts = pattern.fullmatch

    def read(column: Column, text: str) -> str:
        if accepts(text) is None:
            raise BadCell(reason)
        return text

    return read


def _exact(column: Column, text: str) -> str | None:
    if NUMBER.fullmatch(text) is None:
        if column.optional and text.lower() == "nan":
            return None
        raise BadCell("is not a number")
    return text


def _word(column: Column, text: str) -> str:
    if WORD.fullmatch(text) is None or len(text) > WORD_LENGTH.get(column.stored, 100):
        raise BadCell("is not a plain word of acceptable length")
    return text


def _text(column: Column, text: str) -> str:
    if CONTROL.search(text) or len(text) > TEXT_LENGTH.get(column.stored, 300):
        raise BadCell("is too long or has control characters")
    return text


def _flag(column: Column, text: str) -> bool:
    value = FLAGS.get(text.lower())
    if value is None:
        raise BadCell("is neither True nor False")
    return value


def _moment(column: Column, text: str) -> str:
    moment_us(text)
    return text


READERS: Mapping[Kind, Callable[[Column, str], Value]] = {
    "text": _text,
    "symbol": _matching(SYMBOL, "is not a symbol"),
    "word": _word,
    "exact": _exact,
    "count": lambda column, text: int(_matching(COUNT, "is not a count")(column, text)),
    "flag": _flag,
    "epoch_ms": lambda column, text: _sane(
        int(_matching(EPOCH_MS, "is not a time in epoch milliseconds")(column, text)) * 1000
    ),
    "epoch_s": lambda column, text: _sane(
        int(_matching(EPOCH_S, "is not a time in epoch seconds")(column, text)) * 1_000_000
    ),
    "moment": _moment,
}


def moment_us(text: str) -> int:
    """Microseconds since 1970 of a moment: ISO 8601 (UTC where it names no zone), or epoch seconds or milliseconds."""
    if EPOCH_S.fullmatch(text):
        return _sane(int(text) * 1_000_000)
    if EPOCH_MS.fullmatch(text):
        return _sane(int(text) * 1000)
    try:
        moment = datetime.fromisoformat(text)
        time_us = micros(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError) as error:
        raise BadCell("is not a time") from error
    if len(text) > TEXT_LENGTH["time_text"]:
        raise BadCell("is too long for a time")
    return _sane(time_us)


def _sane(time_us: int) -> int:
    """A moment that can have happened. One row of the year 5138 would be the newest, and hide all others."""
    if not EARLIEST <= time_us <= micros(clock.now()) + AHEAD:
        raise BadCell("is not a time between 1990 and a day from now")
    return time_us


def micros(moment: datetime) -> int:
    """Microseconds since 1970 of an aware moment, exactly."""
    past = moment - EPOCH
    return (past.days * 86_400 + past.seconds) * 1_000_000 + past.microseconds


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST = micros(datetime(1990, 1, 1, tzinfo=UTC))
# A venue's clock may be before ours, and a list may be dated by the day.
AHEAD = 86_400_000_000
