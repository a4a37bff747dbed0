"""The files that customers read: which feed each one shows, and its columns in order with their meaning.

`Column.kind` says how a cell is written and read (marketdata/cells.py), `Column.stored` where it is kept. The units are
explained for customers in docs/data.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from marketdata import models, records

Kind = Literal["text", "symbol", "word", "exact", "count", "flag", "epoch_ms", "epoch_s", "moment"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a file. `free`: any text may stand there, so CSV defuses it for spreadsheets."""

    name: str
    kind: Kind
    stored: str
    optional: bool = False
    free: bool = False


@dataclass(frozen=True, slots=True)
class Feed:
    """A series or a list of the market, and the file that shows it.

    `key` names the stored columns that make a row unique; empty, all of them do and equal rows are counted.
    """

    name: str
    file: str
    about: str
    model: type[models.Series] | type[models.Snapshot]
    record: type[records.Record]
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    symbol: str = ""
    has_header: bool = True

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def is_list(self) -> bool:
        """Whether it is replaced whole, so that it has a present and no history."""
        return issubclass(self.model, models.Snapshot)

    @property
    def stored(self) -> tuple[str, ...]:
        """The stored columns in the order of the record's fields."""
        return tuple("time" if name == "time_us" else name for name in self.record._fields)

    @property
    def gaps(self) -> tuple[str, ...]:
        """The stored numbers that a source may not know, of rows that are known by a key and so can be met again."""
        return tuple(
            column.stored for column in self.columns if column.optional and column.kind == "exact" and self.key
        )

    @property
    def has_time(self) -> bool:
        return "time" in self.stored

    @property
    def header(self) -> str:
        return ",".join(column.name for column in self.columns)


def _columns(*specs: tuple[str, Kind] | tuple[str, Kind, str]) -> tuple[Column, ...]:
    """Columns from `(name, kind)`, or `(name, kind, stored)` where they are kept under another name."""
    return tuple(
        Column(spec[0], spec[1], spec[2] if len(spec) == 3 else spec[0], free=spec[1] == "text") for spec in specs
    )


LIQUIDATIONS = Feed(
    "liquidations",
    "liq_data.csv",
    "Forced orders of perpetual and dated futures",
    models.Liquidation,
    records.Liquidation,
    _columns(
        ("symbol", "symbol"),
        ("side", "word"),
        ("order_type", "word"),
        ("time_in_force", "word"),
        ("original_quantity", "exact"),
        ("price", "exact"),
        ("average_price", "exact"),
        ("order_status", "word"),
        ("order_last_filled_quantity", "exact"),
        ("order_filled_accumulated_quantity", "exact"),
        ("order_trade_time", "epoch_ms", "time"),
        ("usd_size", "exact"),
    ),
    symbol="symbol",
)
FUNDING = Feed(
    "funding",
    "funding.csv",
    "Funding rates: fraction per 8 hours, and percent a year",
    models.Funding,
    records.Funding,
    _columns(
        ("event_time", "moment", "time_text"),
        ("symbol", "symbol"),
        ("funding_rate", "exact"),
        ("yearly_funding_rate", "exact"),
    ),
    key=("symbol", "time"),
    symbol="symbol",
)
OPEN_INTEREST = Feed(
    "open_interest",
    "oi.csv",
    "Open interest of each symbol in coins, with the price in USDT",
    models.OpenInterest,
    records.OpenInterest,
    _columns(
        ("symbol", "symbol"),
        ("openInterest", "exact", "open_interest"),
        ("price", "exact"),
        ("time", "epoch_ms"),
    ),
    key=("symbol", "time"),
    symbol="symbol",
)
OPEN_INTEREST_TOTAL = Feed(
    "open_interest_total",
    "oi_total.csv",
    "Open interest of the whole market in USD",
    models.OpenInterestTotal,
    records.OpenInterestTotal,
    (
        Column("time", "moment", "time_text"),
        Column("total_oi_usd", "exact", "total_usd", optional=True),
        Column("btc_oi_usd", "exact", "btc_usd", optional=True),
        Column("eth_oi_usd", "exact", "eth_usd", optional=True),
    ),
    key=("time",),
)
NEW_TOKENS = Feed(
    "new_tokens",
    "new_token_addresses.csv",
    "Token addresses seen for the first time",
    models.NewToken,
    records.NewToken,
    _columns(
        ("Token Address", "word", "token_address"),
        ("Time Found", "text", "time_text"),
        ("Epoch Time", "epoch_s", "time"),
        ("Solscan Link", "text", "solscan_link"),
        ("DexScreener Link", "text", "dexscreener_link"),
        ("Birdeye Link", "text", "birdeye_link"),
    ),
    key=("token_address", "time"),
)
WHALES = Feed(
    "whale_addresses",
    "whale_addresses.txt",
    "Addresses of large accounts, one a line",
    models.WhaleAddress,
    records.WhaleAddress,
    _columns(("address", "word")),
    has_header=False,
)
HLP_POSITIONS = Feed(
    "hlp_positions",
    "positions_on_hlp.csv",
    "Open positions of large accounts, in USD",
    models.HlpPosition,
    records.HlpPosition,
    (
        *_columns(
            ("address", "word"),
            ("coin", "symbol"),
            ("entry_price", "exact"),
            ("leverage", "exact"),
            ("position_value", "exact"),
            ("unrealized_pnl", "exact"),
        ),
        Column("liquidation_price", "exact", "liquidation_price", optional=True),
        Column("is_long", "flag", "is_long"),
        Column("timestamp", "moment", "time_text"),
    ),
    symbol="coin",
)
HLP_TOTALS = Feed(
    "hlp_totals",
    "agg_positions_on_hlp.csv",
    "The same positions summed by coin and direction, in USD",
    models.HlpTotal,
    records.HlpTotal,
    (
        *_columns(
            ("coin", "symbol"),
            ("is_long", "flag"),
            ("total_value", "exact"),
            ("total_pnl", "exact"),
            ("num_traders", "count"),
            ("avg_leverage", "exact"),
        ),
        Column("liquidation_price", "exact", "liquidation_price", optional=True),
        Column("direction", "word", "direction"),
    ),
    symbol="coin",
)
FOLLOW_LIST = Feed(
    "follow_list",
    "follow_list.csv",
    "Wallets that the copybot follows",
    models.FollowedWallet,
    records.FollowedWallet,
    (
        Column("wallet", "word", "wallet"),
        Column("label", "text", "label", optional=True, free=True),
        Column("added_at", "moment", "time_text"),
    ),
)
RECENT_TXS = Feed(
    "recent_txs",
    "recent_txs.csv",
    "Trades of the followed wallets",
    models.CopybotTrade,
    records.CopybotTrade,
    (
        Column("blockTime", "epoch_s", "time"),
        Column("wallet", "word", "wallet"),
        Column("contract_address", "word", "contract_address"),
        Column("symbol", "text", "symbol", optional=True, free=True),
        Column("side", "word", "side"),
        Column("amount", "exact", "amount"),
        Column("usd_value", "exact", "usd_value", optional=True),
        Column("birdeye_link", "text", "birdeye_link", free=True),
    ),
    symbol="symbol",
)

FEEDS: Mapping[str, Feed] = {
    feed.name: feed
    for feed in (
        LIQUIDATIONS,
        FUNDING,
        OPEN_INTEREST,
        OPEN_INTEREST_TOTAL,
        NEW_TOKENS,
        WHALES,
        HLP_POSITIONS,
        HLP_TOTALS,
        FOLLOW_LIST,
        RECENT_TXS,
    )
}
COPYBOT: Mapping[str, Feed] = {"follow_list": FOLLOW_LIST, "recent_txs": RECENT_TXS}
FILES: Mapping[str, Feed] = {feed.file: feed for feed in FEEDS.values() if feed not in COPYBOT.values()}
