"""Taking over keys of the first generation: their SHA-256 digests with plan, limit and owner, from JSON or CSV.

A row has `digest` (64 hex), `plan`, `limit` (requests a minute of this key, may be empty), and `workspace` (slug) or
`owner` (e-mail of somebody who owns exactly one open workspace); `name` may be given. Importing twice changes nothing.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from accounts.models import Role, User, Workspace
from accounts.services.access import lock_workspace
from billing import limits
from billing.principal import DEFAULT_SCOPES
from billing.services import grant
from billing.terms import FREE, PLAN_NAMES
from gateway.keys import services
from gateway.keys.fields import name_of, rate_of
from gateway.keys.secrets import legacy_digests_of, legacy_row_of
from gateway.models import ApiKey, KeySecret
from moondev.lib.errors import AppError

MOST_BYTES = 50 * 1024 * 1024
DIGEST = re.compile(r"[0-9a-f]{64}")
DEFAULT_NAME = "First-generation key"
REASON = "Taken over with a first-generation key"


@dataclass(slots=True)
class Report:
    """How an import went; `skipped` holds (row number from 1, reason)."""

    imported: int = 0
    already_there: int = 0
    skipped: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Row:
    """One key to take over, its values checked."""

    digest: str
    plan: str
    limit: int | None
    workspace: Workspace
    name: str


def take_over(*, rows: Iterator[dict[str, Any]], plan_until: datetime, actor: User | None = None) -> Report:
    """Import rows one by one: a bad one is set aside and the rest goes in.

    A workspace whose plan is lower than a row's is granted that plan until `plan_until`.
    """
    report = Report()
    for number, given in enumerate(rows, start=1):
        try:
            is_new = take_over_one(checked_row(given), plan_until=plan_until, actor=actor)
        except (AppError, ValueError) as error:
            report.skipped.append((number, str(error)))
        else:
            report.imported += is_new
            report.already_there += not is_new
    return report


@transaction.atomic
def take_over_one(row: Row, *, plan_until: datetime, actor: User | None) -> bool:
    """Store one key. False when its digest is here already, under any version of the pepper."""
    workspace = lock_workspace(row.workspace)
    if KeySecret.objects.filter(digest__in=legacy_digests_of(row.digest).values()).exists():
        return False
    services.check_room(workspace)
    if row.plan != FREE and limits.terms_of(workspace).rank < limits.plan_named(row.plan).rank:
        grant(workspace=workspace, plan=row.plan, reason=REASON, ends_at=plan_until, actor=actor)
    key = ApiKey(
        workspace=workspace,
        # Nobody's own key: it must not stop when some person leaves.
        is_service_key=True,
        is_legacy=True,
        name=row.name,
        scopes=list(DEFAULT_SCOPES),
        rate_override=row.limit,
    )
    services.add_key(key, legacy_row_of(row.digest), actor=actor, action="key.imported")
    return True


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a `.json` file (an array of objects) or a CSV file with a header. Raises ValueError, OSError."""
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"{path.name} is larger than {MOST_BYTES // 1024 // 1024} MB.")
    text = path.read_text(encoding="utf-8-sig")
    if path.suffix.lower() != ".json":
        return iter(csv.DictReader(io.StringIO(text)))
    items = json.loads(text)
    if not isinstance(items, list):
        raise ValueError(f"{path.name} must hold a JSON array of objects.")
    return iter([item if isinstance(item, dict) else {} for item in items])


def checked_row(given: dict[str, Any]) -> Row:
    """A row with its values checked. Raises ValueError that says what is wrong; a digest is never quoted."""
    digest = _text(given, "digest").lower()
    if not DIGEST.fullmatch(digest):
        raise ValueError("`digest` must be the SHA-256 of the key: 64 hex characters.")
    plan = _text(given, "plan")
    if plan not in PLAN_NAMES:
        raise ValueError(f"There is no plan {plan[:40]!r}; it is one of {', '.join(PLAN_NAMES)}.")
    return Row(digest, plan, _limit(given), _workspace(given), name_of(_text(given, "name") or DEFAULT_NAME))


def _limit(given: dict[str, Any]) -> int | None:
    text = _text(given, "limit")
    if not text:
        return None
    if not text.isdecimal():
        raise ValueError("`limit` must be a whole number of requests a minute, or empty for the plan's.")
    return rate_of(int(text))


def _workspace(given: dict[str, Any]) -> Workspace:
    slug, owner = _text(given, "workspace"), _text(given, "owner")
    if slug:
        found = list(Workspace.objects.open().filter(slug=slug))
    elif owner:
        found = list(Workspace.objects.open().filter(members__user__email__iexact=owner, members__role=Role.OWNER)[:2])
    else:
        raise ValueError("Name the key's `workspace` by its slug, or its `owner` by e-mail address.")
    if not found:
        raise ValueError(f"There is no open workspace for {(slug or owner)[:100]!r}. The owner has to sign up first.")
    if len(found) > 1:
        raise ValueError(f"{owner[:100]!r} owns several workspaces. Name one in `workspace`.")
    return found[0]


def _text(given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    return "" if value is None else str(value).strip()
