"""Takes in what Stripe says: verified, stored once, answered. The rest is a worker's: nothing here calls Stripe."""

from __future__ import annotations

import json
import re
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any

import stripe
import structlog
from django.conf import settings
from django.db import DataError, IntegrityError, connection, transaction

from billing.cases import open_case
from billing.models import Case, StripeEvent
from billing.payments import counted
from billing.wake import wake
from moondev.lib import errors

# Bytes. Stripe's events have a few thousand.
LARGEST_BODY = 256 * 1024
# Seconds for which a signature is good, so that a body which leaked cannot be sent again later.
TOLERANCE = 300
TASK = "billing.tasks.process_events"
EVENT_ID = re.compile(r"evt_[A-Za-z0-9_]{1,96}")
EVENT_TYPE = re.compile(r"[a-z0-9_.]{1,100}")
Payload = dict[str, Any]
log = structlog.get_logger(__name__)


def take_in(body: bytes, signature: str) -> str:
    """Store a verified event once and wake a worker; returns the event's type.

    Raises AppError for any other body, of which nothing is stored.
    """
    check_signature(body, signature)
    event = read(body)
    check_mode(event)
    store(event)
    return event.type


def check_signature(body: bytes, signature: str) -> None:
    """Raise unless the body was signed under one of our secrets, of which there are two while one is being rolled."""
    if not any(_is_signed(body, signature, secret) for secret in settings.STRIPE_WEBHOOK_SECRETS):
        raise refused("signature", "The Stripe-Signature header does not fit this body, or it is older than 5 minutes.")


def check_mode(event: StripeEvent) -> None:
    """Raise for an event of test mode where real money is taken, and the other way round; staff get a case."""
    if event.livemode == settings.STRIPE_LIVE_MODE:
        return
    mode = "live" if event.livemode else "test"
    log.error("an event of the wrong mode", stripe_event=event.pk, type=event.type, mode=mode)
    detail = f"{event.type} {event.pk} came in {mode} mode. Its endpoint in Stripe belongs to another installation."
    open_case(kind=Case.Kind.WRONG_MODE, reference=mode, detail=detail)
    raise refused("mode", f"This installation takes no events of {mode} mode.")


def read(body: bytes) -> StripeEvent:
    """The row of an event's body, not stored yet. Raises AppError for JSON that is no event."""
    try:
        payload = json.loads(body)
        if payload["object"] == "event":
            return _row(payload)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, OSError) as error:
        log.warning("a signed body that is no event", kind=type(error).__name__)
    raise refused("form", "The body is not an event of Stripe's API v1.")


def store(event: StripeEvent) -> None:
    """Put the event in the queue unless it is there, or was, and wake a worker."""
    try:
        _insert(event)
    except IntegrityError:
        counted.RECEIVED.labels("repeated").inc()
        return
    counted.RECEIVED.labels("new").inc()
    wake(TASK)


def refused(reason: str, detail: str, *, kind: type[errors.AppError] = errors.AppError) -> errors.AppError:
    """The error for a body that is not taken in, counted."""
    counted.REFUSED.labels(reason).inc()
    return kind(detail)


def _is_signed(body: bytes, signature: str, secret: str) -> bool:
    try:
        return bool(stripe.WebhookSignature.verify_header(body, signature, secret, TOLERANCE))
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False


def _row(payload: Payload) -> StripeEvent:
    about: Payload = payload["data"]["object"]
    # Whoever has it may confirm the payment in the buyer's place; nothing of ours needs it.
    about.pop("client_secret", None)
    customer = about.get("id") if about.get("object") == "customer" else about.get("customer")
    return StripeEvent(
        id=_fitting(EVENT_ID, payload["id"]),
        type=_fitting(EVENT_TYPE, payload["type"]),
        object_id=_id_of(about)[:255],
        customer_id=_id_of(customer)[:100],
        created_at=datetime.fromtimestamp(payload["created"], UTC),
        livemode=payload["livemode"] is True,
        payload=payload,
    )


def _fitting(pattern: re.Pattern[str], text: str) -> str:
    if pattern.fullmatch(text):
        return text
    raise ValueError("unlike anything of Stripe's")


def _id_of(value: Any) -> str:
    """The id of an object that is given whole or by its id; empty for one that has none, as a coming invoice."""
    found = value.get("id") if isinstance(value, dict) else value
    return found if isinstance(found, str) else ""


def _insert(event: StripeEvent) -> None:
    try:
        _save(event)
    except DataError:
        # JSON may hold characters that PostgreSQL has no room for: NUL, and halves of surrogate pairs.
        event.payload = _storable(event.payload)
        _save(event)


def _save(event: StripeEvent) -> None:
    # One statement needs no transaction; only within a caller's must a failure be undone by itself.
    with transaction.atomic() if connection.in_atomic_block else nullcontext():
        event.save(force_insert=True)


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_storable(name): _storable(inner) for name, inner in value.items()}
    return [_storable(inner) for inner in value] if isinstance(value, list) else value
