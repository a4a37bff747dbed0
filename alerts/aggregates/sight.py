"""How well a feed can be seen at a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from marketdata.state import STALE_AFTER_SEC, State, is_live, read_state, served_source

STALE_AFTER = timedelta(seconds=STALE_AFTER_SEC)


@dataclass(frozen=True, slots=True)
class Sight:
    """A feed of the served source at a moment. `is_stale`: its last good read is too long ago to trust a silence."""

    at: datetime
    state: State
    is_stale: bool

    @property
    def source(self) -> str:
        return self.state.source

    @property
    def is_empty(self) -> bool:
        """Nothing was ever stored."""
        return self.state.rows == 0


def see(feed: str, at: datetime) -> Sight:
    """How the feed of the served source can be seen; imported files never go stale."""
    state = read_state(served_source(), feed)
    is_stale = is_live() and (state.read_at is None or at - state.read_at > STALE_AFTER)
    return Sight(at, state, is_stale)
