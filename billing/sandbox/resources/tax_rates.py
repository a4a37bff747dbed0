"""Taxes: one rate for all that automatic tax is on for. Stripe works it out by place; the sandbox does not."""

from __future__ import annotations

from billing.sandbox.forms import Params
from billing.sandbox.http import resource
from billing.sandbox.store import Object, store

PERCENT = 19.0


def automatic_rate() -> Object:
    """The rate that automatic tax uses."""
    data = store()
    found = data.rows("tax_rate")
    if found:
        return found[0]
    rate: Object = {
        "id": data.new_id("txr"),
        "object": "tax_rate",
        "active": False,
        "country": None,
        "created": data.now(),
        "description": None,
        "display_name": "VAT",
        "effective_percentage": PERCENT,
        "flat_amount": None,
        "inclusive": False,
        "jurisdiction": None,
        "jurisdiction_level": None,
        "livemode": False,
        "metadata": {},
        "percentage": PERCENT,
        "rate_type": "percentage",
        "state": None,
        "tax_type": "vat",
    }
    return data.put("tax_rate", rate)


@resource("GET", "v1/tax_rates", takes="active created inclusive")
def list_rates(params: Params) -> list[Object]:
    return store().rows("tax_rate")


@resource("GET", "v1/tax_rates/<id>", takes="")
def retrieve(params: Params, id: str) -> Object:
    return store().get("tax_rate", id)
