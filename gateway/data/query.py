"""What a request for a file asks: its parameters, checked."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, TypeVar, get_args

from django.http import QueryDict

from marketdata.symbols import symbol_forms
from moondev.lib.errors import FieldError, Invalid

T = TypeVar("T")
Format = Literal["csv", "json", "ndjson", "parquet"]
FORMATS: tuple[Format, ...] = get_args(Format)
MOST_ROWS, USUAL_ROWS = 1_000_000, 10_000
LONGEST_SYMBOL = 60
# Eleven digits of seconds reach the year 5138; from twelve on a number means milliseconds.
SECONDS, MILLISECONDS = re.compile(r"[0-9]{1,11}(?:\.[0-9]{1,6})?"), re.compile(r"[0-9]{12,15}")
LOST_PLUS = re.compile(r"(T.*) (\d\d:\d\d)$")
EARLIEST, LATEST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FileQuery:
    """The checked parameters. `since` belongs to the span, `until` does not."""

    limit: int
    symbols: tuple[str, ...]
    since: datetime | None
    until: datetime | None
    format: Format
    header: bool


class _Bad(ValueError):
    """What is wrong with one value, written for the customer."""


def read_query(given: QueryDict) -> FileQuery:
    """The parameters of a request, or 422 naming every one that is not acceptable. Unknown ones do not matter."""
    errors: list[FieldError] = []

    def value(name: str, read: Callable[[str], T], default: T) -> T:
        text = given.get(name)
        if text is None:
            return default
        try:
            return read(text)
        except _Bad as bad:
            errors.append(FieldError(f"/{name}", str(bad)))
            return default

    query = FileQuery(
        limit=value("limit", _limit, USUAL_ROWS),
        symbols=value("symbol", _symbols, ()),
        since=value("start", read_moment, None),
        until=value("end", read_moment, None),
        format=value("format", _format, "csv"),
        header=value("header", _header, True),
    )
    if errors:
        raise Invalid(" ".join(f"{error.pointer[1:]}: {error.detail}" for error in errors), tuple(errors))
    return query


def read_moment(text: str) -> datetime:
    """A moment in UTC from ISO 8601 (UTC where it names no zone), epoch seconds or epoch milliseconds."""
    try:
        if SECONDS.fullmatch(text):
            return datetime.fromtimestamp(float(text), UTC)
        if MILLISECONDS.fullmatch(text):
            return datetime.fromtimestamp(int(text) / 1000, UTC)
        # In a query string an unescaped "+" of a zone arrives as a blank.
        return _in_utc(datetime.fromisoformat(LOST_PLUS.sub(r"\1+\2", text)))
    except (ValueError, OSError) as error:
        raise _Bad("Send ISO 8601, as 2026-01-31T08:00:00Z, or epoch seconds or milliseconds.") from error
    except OverflowError:
        return LATEST


def _in_utc(moment: datetime) -> datetime:
    """The same moment in UTC; one that UTC has no year for is the nearest that it has."""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return EARLIEST if moment.year == 1 else LATEST


def _limit(text: str) -> int:
    number = int(text) if re.fullmatch(r"[0-9]{1,9}", text) else 0
    if not 1 <= number <= MOST_ROWS:
        raise _Bad(f"Send a whole number from 1 to {MOST_ROWS:,}.")
    return number


def _symbols(text: str) -> tuple[str, ...]:
    if not 1 <= len(text) <= LONGEST_SYMBOL:
        raise _Bad(f"Send one symbol of 1 to {LONGEST_SYMBOL} characters, as BTC.")
    # PostgreSQL takes no NUL in a text; no symbol has one.
    return symbol_forms(text.replace("\0", ""))


def _format(text: str) -> Format:
    for known in FORMATS:
        if text == known:
            return known
    raise _Bad(f"Send one of {', '.join(FORMATS)}.")


def _header(text: str) -> bool:
    if text not in ("0", "1"):
        raise _Bad("Send 0 or 1.")
    return text == "1"
