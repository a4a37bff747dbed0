"""Stored market data: series that grow, lists that are replaced, and the state of each feed."""

from marketdata.models.series import (
    CopybotTrade,
    Funding,
    Liquidation,
    NewToken,
    OpenInterest,
    OpenInterestTotal,
    Series,
)
from marketdata.models.snapshots import FollowedWallet, HlpPosition, HlpTotal, Snapshot, WhaleAddress
from marketdata.models.state import FeedState
from marketdata.models.sums import LiquidationSum

__all__ = [
    "CopybotTrade",
    "FeedState",
    "FollowedWallet",
    "Funding",
    "HlpPosition",
    "HlpTotal",
    "Liquidation",
    "LiquidationSum",
    "NewToken",
    "OpenInterest",
    "OpenInterestTotal",
    "Series",
    "Snapshot",
    "WhaleAddress",
]
