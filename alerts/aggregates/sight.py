"""How well a feed can be seen at a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from marketdata.state import STALE_AFTER_SEC, State, is_live, read_state, served_source

STALE_AFTER = timedelta(seconds=STALE_AFTER_SEC)
# A feed that is silent for so long is missed: "normal" would be a guess.
LOST_AFTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Sight:
    """A feed of the served source at a moment.

    `is_stale`: its last good read is too long ago to trust a silence. `is_lost`: so long that there are no data.
    """

    at: datetime
    state: State
    is_stale: bool
    is_lost: bool

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
    silent = timedelta(0) if not is_live() else timedelta.max if state.read_at is None else at - state.read_at
    return Sight(at, state, silent > STALE_AFTER, silent > LOST_AFTER)
