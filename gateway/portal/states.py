"""In what state a key is, in one word for the list and one sentence for its page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.models import ApiKey, KeySecret

SOON = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class KeyState:
    """`tone` is the badge's colour class; `is_over` says that nothing brings the key back."""

    word: str
    tone: str
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key as the pages show it: its state, its current secret's ends, and an older secret in its grace."""

    key: ApiKey
    state: KeyState
    shown: str
    old_secret: KeySecret | None
    may_manage: bool

    @property
    def works_until(self) -> datetime | None:
        """The last moment before it expires. Its day is the one that was chosen: it ends at the next day's midnight."""
        return last_moment_before(self.key.expires_at)


def state_of(key: ApiKey, now: datetime) -> KeyState:
    """The strongest reason for which a key does not work, or that it does."""
    if key.revoked_at is not None:
        return KeyState("Revoked", "bad", is_over=True)
    if key.expires_at is not None and key.expires_at <= now:
        return KeyState("Expired", "bad")
    if not key.enabled:
        return KeyState("Disabled", "warn")
    if key.is_pending:
        return KeyState("Not revealed", "warn")
    if key.expires_at is not None and key.expires_at - now < SOON:
        return KeyState("Expires soon", "warn")
    return KeyState("Active", "good")


def row_of(key: ApiKey, now: datetime, *, may_manage: bool) -> KeyRow:
    """What the templates need of a key whose secrets were prefetched."""
    secrets = list(key.secrets.all())
    current = next((secret for secret in secrets if secret.expires_at is None), None)
    old = next((secret for secret in secrets if secret.expires_at is not None and secret.expires_at > now), None)
    shown = "not revealed yet" if key.is_pending else ends(current)
    return KeyRow(key, state_of(key, now), shown, old, may_manage)


def last_moment_before(moment: datetime | None) -> datetime | None:
    return moment - timedelta(microseconds=1) if moment else None


def ends(secret: KeySecret | None) -> str:
    """`md_live_Ab3d…x9Qz`: enough to recognise a key and useless to anybody who reads it."""
    return f"{secret.prefix}…{secret.last_four}" if secret else "no secret"
