"""All that a request needs to know of its key, frozen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from billing.principal import Principal
from billing.terms import Terms
from gateway.keys.secrets import alias_of
from moondev.lib.addresses import Network, is_within, parse_address


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """One presented secret's key, its workspace and the terms in force.

    `expires_at` is the earlier of the key's expiry and the end of this secret's grace. `own_budget`: the limit is this
    key's alone, not its workspace's. `stale_at`: the next moment at which something of this changes by itself.
    """

    key_id: int
    workspace_id: int
    workspace_slug: str
    terms: Terms
    limit_per_minute: int
    own_budget: bool
    scopes: frozenset[str]
    networks: tuple[Network, ...]
    mode: str
    expires_at: datetime | None
    enabled: bool
    revoked: bool
    workspace_open: bool
    stale_at: datetime | None

    def principal(self, secret: str) -> Principal:
        """The right that the presented key gives."""
        return Principal(
            workspace_id=self.workspace_id,
            workspace_slug=self.workspace_slug,
            terms=self.terms,
            scopes=self.scopes,
            limit_per_minute=self.limit_per_minute,
            key_id=self.key_id,
            key_alias=alias_of(secret),
        )


def allows(record: KeyRecord, address: str) -> bool:
    """Whether a key may be used from an address. Without an allow-list from any; with one, never from an unreadable."""
    if not record.networks:
        return True
    parsed = parse_address(address)
    return parsed is not None and is_within(parsed, record.networks)
