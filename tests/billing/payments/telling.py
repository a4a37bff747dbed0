"""Events as Stripe sends them: bodies with its fields, signed as it signs them."""

from __future__ import annotations

import json
import time
from itertools import count
from pathlib import Path
from typing import Any

import stripe
from django.test import Client

URL = "/billing/webhook"
SECRET = "whsec_tests"
FOLDER = Path(__file__).resolve().parents[2] / "recorded" / "stripe"
# Bodies in the form of API version 2026-05-27.dahlia, field by field.
RECORDED = sorted(path.stem for path in FOLDER.glob("*.json"))
NUMBERS = count()
Event = dict[str, Any]


def recorded(name: str) -> Event:
    """An event from the folder."""
    found: Event = json.loads((FOLDER / f"{name}.json").read_text())
    return found


def event(kind: str = "product.updated", about: dict[str, Any] | None = None, **values: Any) -> Event:
    """A new event about an object; of a kind that changes nothing of ours unless told otherwise."""
    return {
        "id": f"evt_test{next(NUMBERS)}",
        "object": "event",
        "api_version": "2026-05-27.dahlia",
        "created": int(time.time()),
        "data": {"object": about or {"id": "prod_1", "object": "product"}},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
        **values,
    }


def body_of(told: Event) -> bytes:
    """JSON as Stripe writes it: indented, and not only ASCII."""
    return json.dumps(told, indent=2, ensure_ascii=False).encode()


def signature(body: bytes, *, secret: str = SECRET, age: float = 0) -> str:
    """The Stripe-Signature header of a body, as if it had been signed some seconds ago."""
    return str(
        stripe.WebhookSignature.generate_signature_header(body.decode(), secret, timestamp=int(time.time() - age))
    )


def post(client: Client, body: bytes, header: str | None = None) -> Any:
    """Send a body to the address that Stripe knows, signed unless a header is given."""
    headers = {"Stripe-Signature": signature(body) if header is None else header}
    return client.post(URL, body, content_type="application/json; charset=utf-8", headers=headers)


def tell(client: Client, told: Event) -> Any:
    """Send an event."""
    return post(client, body_of(told))
