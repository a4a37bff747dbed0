"""A workspace's keys in its export: all that is known of them but their secrets."""

from __future__ import annotations

from typing import Any

from accounts.models import Workspace
from gateway.models import ApiKey, KeySecret


def keys_of(workspace: Workspace) -> list[dict[str, Any]]:
    """Every key, stopped ones included, as plain values; of a secret only what the portal shows."""
    keys = ApiKey.objects.for_workspace(workspace).select_related("created_by", "workspace").prefetch_related("secrets")
    return [describe(key) for key in keys]


def describe(key: ApiKey) -> dict[str, Any]:
    """One key with its secrets' first and last characters."""
    return {
        "id": key.pk,
        "workspace": key.workspace.slug,
        "name": key.name,
        "mode": key.mode,
        "scopes": list(key.scopes),
        "allowed_addresses": list(key.allowed_addresses),
        "is_service_key": key.is_service_key,
        "is_legacy": key.is_legacy,
        "enabled": key.enabled,
        "is_pending": key.is_pending,
        "created_by": key.created_by.email if key.created_by else None,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "last_used_at": key.last_used_at,
        "rate_override": key.rate_override,
        "rate_override_until": key.rate_override_until,
        "secrets": [_ends(secret) for secret in sorted(key.secrets.all(), key=lambda s: s.created_at, reverse=True)],
    }


def _ends(secret: KeySecret) -> dict[str, Any]:
    return {"shown": str(secret), "created_at": secret.created_at, "ends_at": secret.expires_at}
