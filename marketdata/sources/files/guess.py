"""What kind of file this is, from its name and its first line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from marketdata.catalogue import FEEDS, Feed
from marketdata.sources.files.formats import (
    CatalogueFormat,
    Format,
    FundingHistory,
    OpenInterestHistory,
    PerpetualSnapshot,
)

SNAPSHOT_NAME = re.compile(r"(\d{8}_\d{6})")


class UnknownFile(ValueError):
    """Neither the name nor the first line tells what the file is."""


def format_of(path: Path, first_cells: list[str], feed: str | None = None) -> Format:
    """The format of a file: by `feed` if given, else by its header, else by its name."""
    if feed is not None:
        return CatalogueFormat(FEEDS[feed])
    cells = tuple(cell.strip() for cell in first_cells)
    for candidate in (*map(CatalogueFormat, FEEDS.values()), *_others(path, cells)):
        if candidate.header == cells:
            return candidate
    named = _by_name(path)
    if named is None:
        raise UnknownFile(f"{path.name}: neither name nor first line is known. Name the feed with --feed.")
    return CatalogueFormat(named)


def _by_name(path: Path) -> Feed | None:
    """The feed whose file has this name, or a name that begins like it (`liq_data_sample.csv`)."""
    stem = path.stem.lower()
    stems: Mapping[str, Feed] = {Path(feed.file).stem: feed for feed in FEEDS.values()}
    # The longest first: `oi_total_2025.csv` also begins like `oi.csv`.
    for known in sorted(stems, key=len, reverse=True):
        if stem == known or (stem.startswith(known) and not stem[len(known)].isalnum()):
            return stems[known]
    return None


def _others(path: Path, cells: tuple[str, ...]) -> list[Format]:
    """The formats of other tools that fit the first line."""
    if cells == FundingHistory.header:
        return [FundingHistory()]
    if cells == OpenInterestHistory.header:
        coins = [coin for coin in ("btc", "eth") if coin in path.stem.lower().split("_")]
        if len(coins) != 1:
            raise UnknownFile(f"{path.name}: put the coin, btc or eth, into the name, as in oi_btc_daily.csv.")
        return [OpenInterestHistory(coins[0])]
    return [PerpetualSnapshot(_moment_in(path))] if cells == PerpetualSnapshot.header else []


def _moment_in(path: Path) -> datetime:
    found = SNAPSHOT_NAME.search(path.stem)
    if found is None:
        raise UnknownFile(f"{path.name}: put the moment (UTC) into the name, as in perp_snapshot_20251124_084301.csv.")
    try:
        return datetime.strptime(found[1], "%Y%m%d_%H%M%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise UnknownFile(f"{path.name}: {found[1]} in the name is not a moment.") from error
