"""The shapes of file that can be imported: the catalogue's own, and a few that other tools write.

A format turns the cells of one line into records; what it cannot read it refuses with `BadCell` and a reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Protocol

from marketdata import catalogue
from marketdata.catalogue import Feed
from marketdata.cells import BadCell, Value, micros, moment_us, read_cell
from marketdata.records import Record

Found = Sequence[tuple[Feed, Record]]
FUNDINGS_A_YEAR = 3 * 365


class Format(Protocol):
    """How the lines of one file are read, which first line it may have, and which feeds its lines belong to."""

    @property
    def header(self) -> tuple[str, ...]: ...

    @property
    def feeds(self) -> tuple[Feed, ...]: ...

    def read(self, cells: Sequence[str]) -> Found:
        """The records of one line, each with the feed it belongs to."""
        ...


@dataclass(frozen=True)
class CatalogueFormat:
    """A file of the catalogue, with or without its header."""

    feed: Feed

    @property
    def feeds(self) -> tuple[Feed, ...]:
        return (self.feed,)

    @property
    def header(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.feed.columns)

    def read(self, cells: Sequence[str]) -> Found:
        values: dict[str, Value] = {}
        for column, cell in zip(self.feed.columns, check_count(cells, len(self.feed.columns)), strict=True):
            try:
                values[column.stored] = read_cell(column, cell)
            except BadCell as bad:
                raise BadCell(f"{column.name} {bad}: {shortened(cell)}") from bad
        if "time_us" in self.feed.record._fields:
            values["time_us"] = values.pop("time") if "time" in values else moment_us(str(values["time_text"]))
        return ((self.feed, self.feed.record._make(values[name] for name in self.feed.record._fields)),)


class FundingHistory:
    """`Symbol, Date, Funding Rate`: a fraction per 8 hours, times in UTC, symbols like BTC-USDT."""

    header = ("Symbol", "Date", "Funding Rate")
    feeds = (catalogue.FUNDING,)

    def read(self, cells: Sequence[str]) -> Found:
        symbol, date, rate = check_count(cells, 3)
        coin = symbol.strip().replace("-", "").removesuffix("USDT")
        line = _checked(catalogue.FUNDING, (date, coin, rate, f"{yearly(_number('Funding Rate', rate)):f}"))
        return ((catalogue.FUNDING, line),)


class OpenInterestHistory:
    """`Date, Data`: open interest of one coin in USD a day, dates like 2019.3.30. What the file lacks stays empty.

    `coin` is taken from the file's name (`oi_btc_daily.csv`).
    """

    header = ("Date", "Data")
    feeds = (catalogue.OPEN_INTEREST_TOTAL,)

    def __init__(self, coin: str) -> None:
        self.coin = coin

    def read(self, cells: Sequence[str]) -> Found:
        date, usd = check_count(cells, 2)
        try:
            day = datetime.strptime(date.strip(), "%Y.%m.%d").replace(tzinfo=UTC)
        except ValueError as error:
            raise BadCell(f"Date is not like 2019.3.30: {shortened(date)}") from error
        text = str(_number("Data", usd))
        btc, eth = (text if self.coin == coin else "" for coin in ("btc", "eth"))
        line = _checked(catalogue.OPEN_INTEREST_TOTAL, (day.strftime("%Y-%m-%d %H:%M:%S"), "", btc, eth))
        return ((catalogue.OPEN_INTEREST_TOTAL, line),)


class PerpetualSnapshot:
    """All perpetuals of a venue at one moment, which the file's name tells (UTC): funding and open interest.

    Rates are percent an hour there, fractions per 8 hours here. Open interest is in coins.
    """

    header = ("symbol", "hourly_rate", "annual_rate", "mark_price", "open_interest")
    feeds = (catalogue.FUNDING, catalogue.OPEN_INTEREST)

    def __init__(self, moment: datetime) -> None:
        self.time_us = micros(moment)
        self.time_text = moment.strftime("%Y-%m-%d %H:%M:%S")

    def read(self, cells: Sequence[str]) -> Found:
        symbol, hourly, _, price, coins = check_count(cells, 5)
        rate = _number("hourly_rate", hourly) * 8 / 100
        funding = _checked(catalogue.FUNDING, (self.time_text, symbol, f"{rate:f}", f"{yearly(rate):f}"))
        milliseconds = str(self.time_us // 1000)
        held = _checked(catalogue.OPEN_INTEREST, (f"{symbol.strip()}USDT", coins, price, milliseconds))
        return ((catalogue.FUNDING, funding), (catalogue.OPEN_INTEREST, held))


def yearly(rate: Decimal) -> Decimal:
    """A fraction per 8 hours as percent a year."""
    return rate * FUNDINGS_A_YEAR * 100


def check_count(cells: Sequence[str], count: int) -> Sequence[str]:
    """The cells, if there are as many as columns."""
    if len(cells) != count:
        raise BadCell(f"{len(cells)} cells where {count} belong")
    return cells


def shortened(cell: str) -> str:
    """A cell as a message shows it."""
    return repr(cell if len(cell) <= 40 else cell[:40] + "…")


def _number(name: str, text: str) -> Decimal:
    column = catalogue.Column(name, "exact", name)
    try:
        return Decimal(str(read_cell(column, text)))
    except BadCell as bad:
        raise BadCell(f"{name} {bad}: {shortened(text)}") from bad


def _checked(feed: Feed, cells: Sequence[str]) -> Record:
    """A record of the catalogue from cells in its order, checked like a line of its own file."""
    return CatalogueFormat(feed).read(cells)[0][1]
