"""Simulated accounts: whales, their positions, wallets to follow and what those trade, and newly found tokens."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

import numpy as np

from marketdata.records import CopybotTrade, FollowedWallet, HlpPosition, HlpTotal, NewToken, WhaleAddress
from marketdata.sources.simulated.market import Market
from marketdata.sources.simulated.noise import base58, hexadecimal, normal, uniform
from marketdata.sources.simulated.rates import time_text
from marketdata.sources.simulated.spans import MINUTE_US, marks, minute_of

WHALES, HOLDERS, WALLETS, TOKENS = 400, 60, 12, 40
# A whale is seen for 90 of every 97 days, each from a day of its own.
SEEN_DAYS, CYCLE_DAYS = 90, 97
POSITION_MINUTES = 5
SOLSCAN, DEXSCREENER, BIRDEYE = (
    "https://solscan.io/token/{}",
    "https://dexscreener.com/solana/{}",
    "https://birdeye.so/token/{}?chain=solana",
)


def whale(seed: int, number: int) -> str:
    return "0x" + hexadecimal(40, seed, "whale", number)


def whale_addresses(market: Market, until: datetime) -> list[WhaleAddress]:
    """The whales of this hour."""
    hour = minute_of(until) // 60
    starts = (uniform(market.seed, 30, range(WHALES)) * CYCLE_DAYS * 24).astype(int)
    seen = (hour + starts) % (CYCLE_DAYS * 24) < SEEN_DAYS * 24
    return [WhaleAddress(whale(market.seed, number)) for number in range(WHALES) if seen[number]]


def hlp_positions(market: Market, until: datetime) -> list[HlpPosition]:
    """The positions of this five minutes; a holder keeps a position for a day."""
    minute = minute_of(until) // POSITION_MINUTES * POSITION_MINUTES
    return [
        _position(market, holder, place, minute)
        for holder in range(HOLDERS)
        for place in range(1 + int(uniform(market.seed, 31, holder, minute // 1440) * 3))
    ]


def _position(market: Market, holder: int, place: int, minute: int) -> HlpPosition:
    key = (market.seed, holder, place, minute // 1440)
    coin = min(int(uniform(*key, 32) ** 2 * market.majors), market.majors - 1)
    opened = float(market.price(coin, minute // 1440 * 1440 - uniform(*key, 33) * 1440))
    price, decimals = float(market.price(coin, minute)), market.price_decimals[coin]
    is_long, leverage = bool(uniform(*key, 34) < 0.6), 2 + int(uniform(*key, 35) * 38)
    bought = 400_000 * float(2.718 ** normal(*key, 36))
    pnl = bought * (price / opened - 1) * (1 if is_long else -1)
    liquidation = opened * (1 - (0.9 / leverage) * (1 if is_long else -1))
    return HlpPosition(
        minute * MINUTE_US,
        whale(market.seed, holder),
        market.names[coin],
        f"{opened:.{decimals}f}",
        str(leverage),
        f"{bought * price / opened:.2f}",
        f"{pnl:.2f}",
        f"{liquidation:.{decimals}f}",
        is_long,
        time_text(minute),
    )


def hlp_totals(market: Market, until: datetime) -> list[HlpTotal]:
    """The same positions by coin and direction, the largest sum first; the liquidation price is their mean."""
    groups: defaultdict[tuple[str, bool], list[HlpPosition]] = defaultdict(list)
    for position in hlp_positions(market, until):
        groups[position.coin, position.is_long].append(position)
    totals = [_total(market, coin, is_long, group) for (coin, is_long), group in groups.items()]
    return sorted(totals, key=lambda total: -float(total.total_value))


def _total(market: Market, coin: str, is_long: bool, group: list[HlpPosition]) -> HlpTotal:
    liquidation = sum(float(position.liquidation_price or 0) for position in group) / len(group)
    return HlpTotal(
        coin,
        is_long,
        f"{sum(float(position.position_value) for position in group):.2f}",
        f"{sum(float(position.unrealized_pnl) for position in group):.2f}",
        len({position.address for position in group}),
        f"{sum(float(position.leverage) for position in group) / len(group):.2f}",
        f"{liquidation:.{market.price_decimals[market.names.index(coin)]}f}",
        "LONG" if is_long else "SHORT",
    )


def new_tokens(market: Market, after: datetime | None, until: datetime) -> list[NewToken]:
    """About three an hour of the last day, one every four hours before that."""
    minutes = marks(after, until, dense=timedelta(days=1), every=10, thin_every=120)
    return [_token(market.seed, minute) for minute in minutes[uniform(market.seed, 40, minutes) < 0.5].tolist()]


def _token(seed: int, minute: int) -> NewToken:
    address = base58(44, seed, "token", minute)
    links = (pattern.format(address) for pattern in (SOLSCAN, DEXSCREENER, BIRDEYE))
    return NewToken(minute * MINUTE_US, address, time_text(minute), *links)


def follow_list(market: Market) -> list[FollowedWallet]:
    """The wallets followed: always the same ones."""
    first = minute_of(datetime.fromisoformat("2026-01-05T00:00:00+00:00"))
    days = [first + number * 1440 for number in range(WALLETS)]
    return [
        FollowedWallet(
            day * MINUTE_US, base58(44, market.seed, "wallet", number), f"Wallet {number + 1}", time_text(day)
        )
        for number, day in enumerate(days)
    ]


def recent_txs(market: Market, after: datetime | None, until: datetime) -> list[CopybotTrade]:
    """A trade in about four of ten minutes of the last two days; before that one or two a day."""
    minutes = marks(after, until, dense=timedelta(days=2), every=1, thin_every=360)
    minutes = minutes[uniform(market.seed, 41, minutes) < 0.4]
    seed = market.seed
    wallet = (uniform(seed, 42, minutes) * WALLETS).astype(int)
    token = (uniform(seed, 43, minutes) * TOKENS).astype(int)
    usd = 300 * np.exp(normal(seed, 44, minutes))
    amount = usd / 10 ** (uniform(seed, 45, token) * 5 - 5)
    columns = (minutes, wallet, token, usd, amount, uniform(seed, 46, minutes) < 0.55)
    return [_trade(seed, *row) for row in zip(*(column.tolist() for column in columns), strict=True)]


def _trade(seed: int, minute: int, wallet: int, token: int, usd: float, amount: float, buys: bool) -> CopybotTrade:
    contract = base58(44, seed, "contract", token)
    return CopybotTrade(
        minute * MINUTE_US,
        base58(44, seed, "wallet", wallet),
        contract,
        f"SIM{token:02}",
        "buy" if buys else "sell",
        f"{amount:.4f}",
        f"{usd:.2f}",
        BIRDEYE.format(contract),
    )
