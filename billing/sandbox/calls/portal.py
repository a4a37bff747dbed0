"""Sessions of the customer portal by the API. Its pages are in hosted/portal.py."""

from __future__ import annotations

from billing.sandbox.calls import terms
from billing.sandbox.errors import Refused
from billing.sandbox.forms import Params
from billing.sandbox.http import needed, reference, resource
from billing.sandbox.resources.portal_configurations import KIND as CONFIGURATION
from billing.sandbox.resources.portal_configurations import usual_configuration
from billing.sandbox.shapes import session as shapes
from billing.sandbox.store import Object, store

KIND = "billing_portal.session"
FLOWS = ("payment_method_update", "subscription_cancel", "subscription_update", "subscription_update_confirm")


@resource("POST", "v1/billing_portal/sessions", takes="configuration customer flow_data locale return_url")
def create(params: Params) -> Object:
    data = store()
    customer = needed("customer", params, "customer")
    configuration = reference(CONFIGURATION, params, "configuration") or usual_configuration()
    if configuration is None:
        raise Refused(
            "You can't create a portal session in test mode until you save your customer portal settings in test mode."
        )
    id = data.new_id("bps")
    session = shapes.portal_session(
        id=id,
        configuration=configuration["id"],
        created=data.now(),
        customer=customer["id"],
        flow=_flow(params.mapping("flow_data"), customer),
        locale=params.text("locale"),
        return_url=params.text("return_url") or configuration["default_return_url"],
        url=f"{data.base}/p/session/{id}",
    )
    return data.put(KIND, session)


def _flow(params: Params, customer: Object) -> Object | None:
    kind = params.choice("type", FLOWS)
    if kind is None:
        return None
    after = params.mapping("after_completion")
    redirect = after.mapping("redirect").text("return_url")
    flow: Object = {
        "after_completion": {
            "hosted_confirmation": None,
            "redirect": {"return_url": redirect} if redirect else None,
            "type": after.choice("type", ("hosted_confirmation", "portal_homepage", "redirect"), "portal_homepage"),
        },
        "customer_update": None,
        "subscription_cancel": None,
        "subscription_update": None,
        "subscription_update_confirm": None,
        "type": kind,
    }
    if kind != "payment_method_update":
        flow[kind] = _about(params.mapping(kind), customer)
    return flow


def _about(params: Params, customer: Object) -> Object:
    """The subscription that a flow is about, and for a confirmation what its items become."""
    subscription = needed("subscription", params, "subscription")
    if subscription["customer"] != customer["id"]:
        raise Refused("The subscription does not belong to the customer.", param=params.named("subscription"))
    about: Object = {"subscription": subscription["id"]}
    if "items" in params:
        rows = params.rows("items")
        about |= {
            "discounts": None,
            "items": [
                {"id": row.text("id"), "price": terms.price_of(row)["id"], "quantity": row.integer("quantity")}
                for row in rows
            ],
        }
    return about
