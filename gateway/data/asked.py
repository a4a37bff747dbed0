"""A file as one caller may have it: the question joined with the plan's terms and the feed's state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from pathlib import PurePath

from billing import limits
from billing.terms import Terms
from gateway.data.query import FileQuery
from marketdata.catalogue import Feed
from marketdata.history import history_start
from marketdata.reading import Selection
from marketdata.state import STALE_AFTER_SEC, State, is_live, is_simulated, state_of


@dataclass(frozen=True, slots=True)
class Asked:
    """What goes out: the rows, how they are written, and from when on if the plan cut them."""

    selection: Selection
    query: FileQuery
    cut_at: datetime | None

    @property
    def feed(self) -> Feed:
        return self.selection.feed

    @property
    def state(self) -> State:
        return self.selection.state

    def tag(self) -> str:
        """The same for the same bytes: the feed's content, the rows asked for, and how they are written."""
        state, selection = self.state, self.selection
        parts = (
            *(state.source, state.feed, state.version, state.last_id, state.changed_at),
            *(selection.limit, selection.symbols, selection.since, selection.until),
            *(self.query.format, self.query.header),
        )
        return blake2b(repr(parts).encode(), digest_size=12).hexdigest()

    def file_name(self) -> str:
        """What the file is called when it is saved; simulated data says so."""
        stem, kind = PurePath(self.feed.file).stem, self.query.format
        name = self.feed.file if kind == "csv" else f"{stem}.{kind}"
        return f"simulated-{name}" if is_simulated() else name

    def notes(self) -> dict[str, str]:
        """Headers that tell what a reader should know about the numbers."""
        notes = {}
        if is_simulated():
            notes["X-Market-Data-Source"] = "simulated"
        if self.cut_at is not None:
            notes["X-History-From"] = self.cut_at.isoformat().replace("+00:00", "Z")
        age = self.state.age_sec
        if is_live() and age is not None and age > STALE_AFTER_SEC:
            notes["X-Data-Age"] = str(age)
        return notes


def ask(feed: Feed, query: FileQuery, terms: Terms) -> Asked:
    """The rows that a plan lets this caller have. 403 for a format or an explicit start that the plan does not include.

    Rows before the plan's history are left out without a word in the body; the header X-History-From tells.
    """
    limits.check_format(terms, query.format)
    begins = history_start(feed.name, terms.history_days)
    if query.since is not None:
        limits.check_history(terms, start=query.since, earliest=begins)
    state = state_of(feed.name)
    is_cut = begins is not None and query.since is None and state.oldest is not None and state.oldest < begins
    selection = Selection(feed, state, query.limit, query.symbols, query.since or begins, query.until)
    return Asked(selection, query, begins if is_cut else None)
