"""A POST that is sent again with its Idempotency-Key gets the answer of the first time, and nothing is done twice.

Only success is kept: what was refused has changed nothing, so a repeat is looked at afresh. Should the process end
between Stripe's answer and ours, the repeat asks Stripe with the same key of its own and gets the same answer there.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from billing.models import StoredAnswer
from moondev.lib.errors import Conflict, Invalid

HEADER = "Idempotency-Key"
FORM = r"^[!-~]{1,255}$"
KEPT_FOR = timedelta(hours=24)
# Longer than any call to Stripe takes: whoever has not answered by then never will.
AT_WORK_FOR = timedelta(minutes=2)

# Takes the key for Stripe, gives the body of a 200.
Make = Callable[[str], dict[str, Any]]


def answer_once(request: Request, *, asker: str, make: Make) -> Response:
    """The answer that `make` gives, once for each key of an asker.

    Raises Invalid for a malformed key and for one that came with another body, Conflict while the first is at work.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return Response(make(f"once-{uuid.uuid4()}"))
    if not re.fullmatch(FORM, key):
        raise Invalid(f"{HEADER} has 1 to 255 visible ASCII characters. A random UUID is a good one.")
    row = _begin(asker, key, _fingerprint(request))
    if row.status is not None:
        return Response(row.body, status=row.status, headers={"Idempotent-Replayed": "true"})
    try:
        body = make(_stripe_key(asker, key))
    except BaseException:
        row.delete()
        raise
    row.status, row.body = 200, body
    row.save(update_fields=["status", "body"])
    return Response(body)


def forget_old_answers() -> int:
    """Delete answers of more than a day ago; returns how many."""
    count, _ = StoredAnswer.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()
    return count


def _begin(asker: str, key: str, fingerprint: str) -> StoredAnswer:
    """A row that is ours to fill, or one that is filled."""
    now = timezone.now()
    rows = StoredAnswer.objects.filter(asker=asker, key=key)
    rows.filter(created_at__lt=now - KEPT_FOR).delete()
    row, is_new = StoredAnswer.objects.get_or_create(asker=asker, key=key, defaults={"fingerprint": fingerprint})
    if row.fingerprint != fingerprint:
        raise Invalid(f"This {HEADER} came with another request before. Use a new one for each request.")
    if is_new or row.status is not None or _take_over(row):
        return row
    raise Conflict(f"The request with this {HEADER} is still at work. Try again.", headers={"Retry-After": "2"})


def _take_over(row: StoredAnswer) -> bool:
    """Claim a row whose process has ended without an answer; of several repeats one gets it."""
    now = timezone.now()
    dead = StoredAnswer.objects.filter(pk=row.pk, status=None, created_at__lt=now - AT_WORK_FOR)
    return bool(dead.update(created_at=now))


def _fingerprint(request: Request) -> str:
    text = json.dumps([request.method, request.path, request.data], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _stripe_key(asker: str, key: str) -> str:
    """Of one length and without the customer's words; never the same for two askers."""
    return "api-" + hashlib.sha256(f"{asker}\n{key}".encode()).hexdigest()
