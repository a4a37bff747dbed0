"""One record per feed: what a source hands over, frozen, in the order of the stored columns.

Numbers are the text that the source wrote, so that nothing is lost between its file and ours. `time_us` is the moment
in microseconds since 1970-01-01T00:00:00Z. `None` is a value the source does not know.
"""

from __future__ import annotations

from typing import NamedTuple


class Liquidation(NamedTuple):
    """A forced order. `side` SELL means that a long was liquidated."""

    time_us: int
    symbol: str
    side: str
    order_type: str
    time_in_force: str
    original_quantity: str
    price: str
    average_price: str
    order_status: str
    order_last_filled_quantity: str
    order_filled_accumulated_quantity: str
    usd_size: str


class Funding(NamedTuple):
    """A funding rate: a fraction per 8 hours, and percent a year."""

    time_us: int
    time_text: str
    symbol: str
    funding_rate: str
    yearly_funding_rate: str


class OpenInterest(NamedTuple):
    """Open interest in coins; price in USDT."""

    time_us: int
    symbol: str
    open_interest: str
    price: str


class OpenInterestTotal(NamedTuple):
    """Open interest of the market in USD."""

    time_us: int
    time_text: str
    total_usd: str | None
    btc_usd: str | None
    eth_usd: str | None


class NewToken(NamedTuple):
    time_us: int
    token_address: str
    time_text: str
    solscan_link: str
    dexscreener_link: str
    birdeye_link: str


class CopybotTrade(NamedTuple):
    """A trade of a followed wallet; `usd_value` in USD."""

    time_us: int
    wallet: str
    contract_address: str
    symbol: str
    side: str
    amount: str
    usd_value: str | None
    birdeye_link: str


class WhaleAddress(NamedTuple):
    address: str


class HlpPosition(NamedTuple):
    """An open position; money in USD."""

    time_us: int
    address: str
    coin: str
    entry_price: str
    leverage: str
    position_value: str
    unrealized_pnl: str
    liquidation_price: str | None
    is_long: bool
    time_text: str


class HlpTotal(NamedTuple):
    """All positions of a coin in one direction; money in USD."""

    coin: str
    is_long: bool
    total_value: str
    total_pnl: str
    num_traders: int
    avg_leverage: str
    liquidation_price: str | None
    direction: str


class FollowedWallet(NamedTuple):
    time_us: int
    wallet: str
    label: str
    time_text: str


Record = (
    Liquidation
    | Funding
    | OpenInterest
    | OpenInterestTotal
    | NewToken
    | CopybotTrade
    | WhaleAddress
    | HlpPosition
    | HlpTotal
    | FollowedWallet
)
