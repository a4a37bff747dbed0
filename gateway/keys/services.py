"""Making and changing keys. Every deed is audited in its transaction and told to every process after commit.

An actor of None is the system or the operator's command line. Staff may stop keys and set their rate for a customer,
but never make, read or widen one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User, Workspace
from accounts.services.access import check_open, lock_workspace
from billing.principal import DEFAULT_SCOPES
from gateway.keys import access, changes
from gateway.keys.fields import checked
from gateway.keys.secrets import new_secret, row_of
from gateway.models import ApiKey, KeySecret
from moondev.lib.errors import Conflict, Invalid, QuotaExhausted

GRACES = (timedelta(0), timedelta(hours=1), timedelta(hours=24), timedelta(days=7))
# Deeds after which something that worked may work no longer.
STOPPING = frozenset({"key.rotated", "key.revoked", "key.disabled", "key.updated"})
MOST_KEYS = 100
# So long a secret that was rotated out is still recognised in a report of leaked keys.
REMEMBERED = timedelta(days=90)
# Stopped keys stay in the list and the audit log explains them; beyond this many the oldest go.
MOST_REVOKED = 500


class Changes(TypedDict, total=False):
    """What `update_key` takes."""

    name: str
    scopes: Iterable[str]
    expires_at: datetime | None
    allowed_addresses: Iterable[str]
    is_service_key: bool


@transaction.atomic
def create_key(
    *,
    workspace: Workspace,
    actor: User | None,
    name: str,
    scopes: Iterable[str] = DEFAULT_SCOPES,
    mode: str = "live",
    expires_at: datetime | None = None,
    allowed_addresses: Iterable[str] = (),
    is_service_key: bool = False,
) -> tuple[ApiKey, str]:
    """Make a key. Returns it and its secret, which exists nowhere else.

    Raises NotFound, Forbidden, Conflict (closed), QuotaExhausted (too many keys) and Invalid.
    """
    found = lock_workspace(workspace)
    member = access.member_of(actor, found) if actor else None
    if actor is not None:
        access.access_workspace(member, is_service_key=is_service_key)
    values = checked(
        {
            "name": name,
            "scopes": scopes,
            "mode": mode,
            "expires_at": expires_at,
            "allowed_addresses": allowed_addresses,
            "is_service_key": is_service_key,
        }
    )
    access.access_given(member, scopes=values["scopes"])
    check_room(found)
    secret = new_secret(values["mode"])
    return add_key(ApiKey(workspace=found, created_by=actor, **values), row_of(secret), actor=actor), secret


def check_room(workspace: Workspace) -> None:
    """Raise Conflict when the workspace is closed, QuotaExhausted when it has no room for a key. Holds its lock."""
    check_open(workspace)
    keys = ApiKey.objects.for_workspace(workspace)
    if keys.filter(revoked_at=None).count() >= MOST_KEYS:
        raise QuotaExhausted(
            f"A workspace has at most {MOST_KEYS} keys. Revoke one that is not used any more.",
            {"limit": "keys", "allowed": MOST_KEYS, "used": MOST_KEYS},
        )
    beyond = keys.filter(revoked_at__isnull=False).order_by("-revoked_at", "-id")[MOST_REVOKED:]
    ApiKey.objects.filter(pk__in=list(beyond.values_list("pk", flat=True))).delete()


def add_key(key: ApiKey, secret: KeySecret, *, actor: User | None, action: str = "key.created") -> ApiKey:
    """Store a new key with its secret, audited and told."""
    key.save()
    secret.key = key
    secret.save()
    _tell(action, key, actor, secret=str(secret), mode=key.mode, scopes=key.scopes, addresses=key.allowed_addresses)
    return key


@transaction.atomic
def rotate_key(*, key: ApiKey, actor: User | None, grace: timedelta) -> tuple[ApiKey, str]:
    """Give a key a new secret; the old one works on for `grace` (one of GRACES), never past the key's expiry.

    A secret that is still in the grace of an earlier rotation ends at once: there are never more than two.
    Raises NotFound, Forbidden, Conflict (revoked, expired, closed) and Invalid at `/grace`.
    """
    if grace not in GRACES:
        raise Invalid.field("/grace", "The grace is 0, 1 hour, 24 hours or 7 days.")
    found = _lock(key, actor)
    now = timezone.now()
    _check_alive(found, now)
    found.secrets.filter(expires_at__gt=now).update(expires_at=now)
    found.secrets.filter(expires_at__lt=now - REMEMBERED).delete()
    ends_at = min(now + grace, found.expires_at or now + grace)
    found.secrets.filter(expires_at=None).update(expires_at=ends_at)
    secret = new_secret(found.mode)
    row = row_of(secret)
    row.key = found
    row.save()
    _tell("key.rotated", found, actor, secret=str(row), old_secret_ends_at=ends_at.isoformat())
    return found, secret


@transaction.atomic
def revoke_key(*, key: ApiKey, actor: User | None, reason: str = "") -> ApiKey:
    """Stop a key for good, with all its secrets. Revoking twice changes nothing. Raises NotFound, Forbidden."""
    found = _lock(key, actor, staff_may=True)
    if found.revoked_at is None:
        found.revoked_at = timezone.now()
        found.save(update_fields=["revoked_at"])
        _tell("key.revoked", found, actor, reason="".join(filter(str.isprintable, reason)).strip()[:200])
    return found


@transaction.atomic
def set_enabled(*, key: ApiKey, actor: User | None, enabled: bool) -> ApiKey:
    """Switch a key off or on again. Raises NotFound, Forbidden, Conflict (revoked)."""
    found = _lock(key, actor, staff_may=True)
    _check_not_revoked(found)
    if found.enabled is not enabled:
        found.enabled = enabled
        found.save(update_fields=["enabled"])
        _tell("key.enabled" if enabled else "key.disabled", found, actor)
    return found


@transaction.atomic
def update_key(*, key: ApiKey, actor: User | None, **given: Unpack[Changes]) -> ApiKey:
    """Change name, scopes, expiry, addresses or the service mark. An expiry that stays the same may lie in the past.

    Raises NotFound, Forbidden, Conflict (revoked, closed) and Invalid.
    """
    found = _lock(key, actor)
    _check_not_revoked(found)
    check_open(found.workspace)
    wanted = {name: value for name, value in given.items() if name != "expires_at" or value != found.expires_at}
    values = checked(wanted)
    if actor is not None:
        added = set(values.get("scopes", ())) - set(found.scopes)
        becomes_service_key = values.get("is_service_key", False) and not found.is_service_key
        access.access_given(access.member_of(actor, found.workspace), scopes=added, is_service_key=becomes_service_key)
    return _write(found, actor, "key.updated", values)


@transaction.atomic
def override_rate(*, key: ApiKey, actor: User | None, limit: int | None, until: datetime | None = None) -> ApiKey:
    """Give a key a minute of its own of `limit` requests, or take it away (None). Staff only.

    Without `until` it is capped by the workspace's plan, at every moment; with it, it may go beyond until then.
    Raises Forbidden, Conflict (revoked) and Invalid.
    """
    access.access_staff(actor)
    found = _lock(key, None)
    _check_not_revoked(found)
    values = checked({"limit": limit, "until": until})
    if limit is None and until is not None:
        raise Invalid.field("/limit", "An end needs a rate that ends.")
    stored = {"rate_override": values["limit"], "rate_override_until": values["until"]}
    return _write(found, actor, "key.rate_overridden", stored)


def _lock(key: ApiKey, actor: User | None, *, staff_may: bool = False) -> ApiKey:
    """The key as it is now, its workspace's row and its own locked, if the actor may change it."""
    lock_workspace(key.workspace_id)
    found: ApiKey | None = (
        ApiKey.objects.select_for_update(of=("self",)).select_related("workspace").filter(pk=key.pk).first()
    )
    if found is None:
        raise access.no_key()
    if actor is not None and not (staff_may and access.is_staff(actor)):
        access.access_key(access.member_of(actor, found.workspace), found)
    return found


def _check_not_revoked(key: ApiKey) -> None:
    if key.revoked_at is not None:
        raise Conflict("This key is revoked for good. Make a new one.")


def _check_alive(key: ApiKey, now: datetime) -> None:
    _check_not_revoked(key)
    if key.is_pending:
        raise Conflict("Nobody has seen this key yet. An owner or admin can reveal it.")
    check_open(key.workspace)
    if key.expires_at is not None and key.expires_at <= now:
        raise Conflict("This key has expired. Give it a later expiry first, or make a new one.")


def _write(key: ApiKey, actor: User | None, action: str, values: dict[str, Any]) -> ApiKey:
    """Store the values that differ; audited with what they were."""
    changed = {name: value for name, value in values.items() if getattr(key, name) != value}
    if changed:
        before = {name: getattr(key, name) for name in changed}
        for name, value in changed.items():
            setattr(key, name, value)
        key.save(update_fields=list(changed))
        _tell(action, key, actor, before=_plain(before), after=_plain(changed))
    return key


def _tell(action: str, key: ApiKey, actor: User | None, **data: Any) -> None:
    """Audit a deed and tell every process after commit."""
    audit.record(
        action=action, workspace=key.workspace, actor=actor, target=f"{key.name} #{key.pk}", key=key.pk, **data
    )
    changes.publish_on_commit(key.workspace_id, stops=action in STOPPING)


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """Moments as text; a log of deeds is JSON."""
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}
