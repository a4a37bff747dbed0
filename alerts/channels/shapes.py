"""What goes into a channel and what comes out of it. Free of the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

Settings = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Setting:
    """One value that a destination of a channel needs, as a form asks for it."""

    name: str
    label: str
    help: str
    is_secret: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """One delivery as channels see it: what happened, in words and in numbers, and the id that goes with it."""

    delivery_id: str
    event: str
    alert_id: str
    alert_kind: str
    # What it is called, in a line; and what is said of it, the alert's own template or the kind's words.
    title: str
    text: str
    symbol: str
    window_minutes: int
    threshold: float
    value: float | None
    at: datetime
    url: str
    description: str = ""
    # The numbers with their units.
    value_said: str = ""
    threshold_said: str = ""
    source: str = ""
    is_simulated: bool = False
    may_repeat: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)
    # The facts in words, by name.
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted. `shown`: the part of each notice, kept so that the end of an excursion can change it there."""

    body: Mapping[str, Any]
    shown: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """The other side took it. `wait`: seconds before it takes another one."""

    message_id: str = ""
    status: int | None = None
    said: str = ""
    wait: float = 0.0


class ChannelError(Exception):
    """The other side did not take it. The message is for the customer and holds no secret.

    `permanent`: the same message will never be taken. `disables`: no message will ever be taken at that place.
    `gone`: the message that was to be changed is no more. `is_limit`: too many at once, which counts as no try; then
    `retry_after` are the seconds to wait, and `scope` says whether the place has to wait or the whole channel. `wait`:
    seconds before the place takes anything else, whatever was wrong with this message.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        disables: bool = False,
        gone: bool = False,
        is_limit: bool = False,
        retry_after: float | None = None,
        scope: Literal["place", "channel"] = "place",
        status: int | None = None,
        may_have_arrived: bool = False,
        wait: float = 0.0,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.permanent = permanent or disables
        self.disables = disables
        self.gone = gone
        self.is_limit = is_limit
        self.retry_after = retry_after
        self.scope = scope
        self.status = status
        self.may_have_arrived = may_have_arrived
        self.wait = wait


class Channel(Protocol):
    """What each package of this one has."""

    TITLE: str
    # One line for people who choose where messages go.
    ABOUT: str
    SETTINGS: tuple[Setting, ...]
    # How many notices one message may hold.
    MOST_TOGETHER: int

    def check(self, settings: Settings) -> dict[str, str]:
        """The settings as they are stored. Raises Invalid at `/settings/<name>`."""

    def hint(self, settings: Settings) -> str:
        """What may be shown of them."""

    def bucket(self, settings: Settings) -> str:
        """What of them has a limit of its own at the other side, without secrets; empty: nothing is known of one."""

    def render(self, notices: Sequence[Notice]) -> Message:
        """At most MOST_TOGETHER notices as one message, within the channel's limits."""

    def send(self, settings: Settings, message: Message, delivery_ids: Sequence[str]) -> Sent:
        """Post a message. Raises ChannelError."""


class EditingChannel(Channel, Protocol):
    """A channel whose messages can be changed after they were posted."""

    def render_end(self, shown: Sequence[Mapping[str, Any]], ends: Mapping[int, Notice]) -> Message:
        """A posted message with the notices at some places ended, the others as they were."""

    def edit(self, settings: Settings, message_id: str, message: Message) -> Sent:
        """Change a posted message. Raises ChannelError."""
