"""What a verified report of leaked keys does: each token that is a working key stops, and its owner hears of it.

Tokens are looked up as digests, like any presented key; none is stored, logged or mailed.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.mail import letter, text_of
from accounts.models import Role, Workspace
from gateway.keys import changes
from gateway.keys.secrets import digests_of, is_hopeless
from gateway.models import ApiKey, KeySecret
from moondev.lib.commit import after_commit
from moondev.lib.errors import AppError, TooLarge
from moondev.lib.redact import redact_text

MOST_TOKENS = 100
LONGEST_TOKEN = 200
LONGEST_URL = 500
ACTION = "key.leaked"
SURROGATES = re.compile("[\ud800-\udfff]")

log = structlog.get_logger("gateway.keys.leaks")


@dataclass(frozen=True, slots=True)
class Leak:
    """A string that was found in public, its type as the scanner calls it, and where it was found."""

    token: str
    type: str
    url: str


@dataclass(frozen=True, slots=True)
class Find:
    """A key of which something was stopped, and where it was found."""

    key: ApiKey
    url: str


def parse(body: bytes) -> list[Leak]:
    """The report's array. Raises AppError (400) for anything else, TooLarge for too many tokens."""
    try:
        items: Any = json.loads(body)
    except (ValueError, RecursionError):
        raise AppError("The report is not JSON.") from None
    if not isinstance(items, list):
        raise AppError("The report must be a JSON array of objects with `token`, `type` and `url`.")
    if len(items) > MOST_TOKENS:
        raise TooLarge(f"A report holds at most {MOST_TOKENS} tokens; this one has {len(items)}. Send several.")
    return [_leak(item) for item in items]


def answer(leaks: Sequence[Leak]) -> list[dict[str, str]]:
    """Stop what leaked. The answer says of each token whether it is a key of ours, working or not."""
    with transaction.atomic():
        found = _secrets_of(leaks)
        stopped: dict[Workspace, list[Find]] = defaultdict(list)
        for leak in leaks:
            secret = found.get(leak.token)
            if secret is not None and _stop(secret, leak):
                stopped[secret.key.workspace].append(Find(secret.key, leak.url))
        for workspace, finds in stopped.items():
            changes.publish_on_commit(workspace.pk, stops=True)
            after_commit(partial(notify_people, workspace, finds))
    return [
        {
            "token_raw": leak.token,
            "token_type": leak.type,
            "label": "true_positive" if leak.token in found else "false_positive",
        }
        for leak in leaks
    ]


def notify_people(workspace: Workspace, finds: Sequence[Find]) -> None:
    """Tell the workspace's owner and whoever made a key. A letter that cannot be sent is logged, no more."""
    subject, body = text_of("gateway/email/leaked", {"workspace": workspace, "finds": finds})
    for address in _addresses(workspace, [find.key for find in finds]):
        try:
            letter(subject, body, to=[address]).send()
        except OSError as error:
            log.exception("letter about a leaked key not sent", workspace=workspace.slug, error=type(error).__name__)


def _leak(item: Any) -> Leak:
    if not isinstance(item, dict) or not all(isinstance(item.get(name, ""), str) for name in ("token", "type", "url")):
        raise AppError("Each entry of the report must be an object whose `token`, `type` and `url` are text.")
    token, kind, url = (item.get(name, "") for name in ("token", "type", "url"))
    # Half a surrogate pair is legal JSON, and can be written down nowhere.
    if not token or SURROGATES.search(token + kind):
        raise AppError("Each entry of the report needs a `token` of valid Unicode.")
    # The address may hold the very token, as where it leaked in a query string.
    return Leak(token, kind, redact_text("".join(filter(str.isprintable, url)))[:LONGEST_URL])


def _secrets_of(leaks: Iterable[Leak]) -> dict[str, KeySecret]:
    """The stored secrets of the tokens that are keys of ours, their keys locked; one query for all of them."""
    tokens = {
        digest: leak.token
        for leak in leaks
        if len(leak.token) <= LONGEST_TOKEN and leak.token.isascii() and not is_hopeless(leak.token)
        for digest in digests_of(leak.token).values()
    }
    rows = KeySecret.objects.filter(digest__in=tokens).select_related("key__workspace", "key__created_by")
    # Locked in one order, so that two reports of the same keys never wait for one another in a circle.
    locked = rows.select_for_update(of=("key", "self")).order_by("key_id", "id")
    keys: dict[int, ApiKey] = {}
    for row in locked:
        # One object for both secrets of a rotated key: what is done to it for one is seen at the other.
        row.key = keys.setdefault(row.key_id, row.key)
    return {tokens[row.digest]: row for row in locked}


def _stop(secret: KeySecret, leak: Leak) -> bool:
    """Stop what works of a leaked secret: the key, or only the old secret of a rotated one. False: nothing did."""
    now, key = timezone.now(), secret.key
    if key.revoked_at is not None or (secret.expires_at is not None and secret.expires_at <= now):
        return False
    is_old = secret.expires_at is not None
    if is_old:
        secret.expires_at = now
        secret.save(update_fields=["expires_at"])
    else:
        ApiKey.objects.filter(pk=key.pk).update(revoked_at=now)
        key.revoked_at = now
    target, stopped = f"{key.name} #{key.pk}", "old secret" if is_old else "key"
    audit.record(
        action=ACTION,
        workspace=key.workspace,
        actor_label="leak report",
        target=target,
        key=key.pk,
        secret=str(secret),
        stopped=stopped,
        found_at=leak.url,
    )
    log.info("leaked key stopped", key=key.pk, workspace=key.workspace.slug, stopped=stopped)
    return True


def _addresses(workspace: Workspace, keys: Iterable[ApiKey]) -> list[str]:
    owners = workspace.members.filter(role=Role.OWNER).values_list("user__email", flat=True)
    makers = (key.created_by.email for key in keys if key.created_by and key.created_by.is_active)
    return list(dict.fromkeys([*owners, *makers]))
