"""What customers may do in the hosted customer portal."""

from __future__ import annotations

from typing import Any

from billing.sandbox.engine.news import telling
from billing.sandbox.errors import Missing
from billing.sandbox.events import emit
from billing.sandbox.expand import includes
from billing.sandbox.forms import Params
from billing.sandbox.http import resource
from billing.sandbox.store import Object, store

KIND = "billing_portal.configuration"
TAKES = "business_profile default_return_url features login_page metadata name"
MODES = ("at_period_end", "immediately")
BEHAVIORS = ("always_invoice", "create_prorations", "none")


def usual_configuration() -> Object | None:
    """The one for sessions that name none."""
    return next(iter(store().rows(KIND, is_default=True, active=True)), None)


@resource("POST", "v1/billing_portal/configurations", takes=TAKES)
def create(params: Params) -> Object:
    if "features" not in params:
        raise Missing("features")
    data = store()
    configuration: Object = {
        "id": data.new_id("bpc"),
        "object": KIND,
        "active": True,
        "application": None,
        "business_profile": {"headline": None, "privacy_policy_url": None, "terms_of_service_url": None},
        "created": data.now(),
        "default_return_url": None,
        "features": _no_features(),
        # Stripe's default is made in its dashboard; here the first one is it.
        "is_default": usual_configuration() is None,
        "livemode": False,
        "login_page": {"enabled": False, "url": None},
        "metadata": {},
        "name": None,
        "updated": data.now(),
    }
    _write(configuration, params)
    data.put(KIND, configuration)
    emit("billing_portal.configuration.created", configuration)
    return configuration


@resource("GET", "v1/billing_portal/configurations", takes="active is_default")
def list_configurations(params: Params) -> list[Object]:
    asked = {name: params.flag(name) for name in ("active", "is_default") if name in params}
    return store().rows(KIND, **asked)


@resource("GET", "v1/billing_portal/configurations/<id>", takes="")
def retrieve(params: Params, id: str) -> Object:
    return store().get(KIND, id)


@resource("POST", "v1/billing_portal/configurations/<id>", takes=f"{TAKES} active")
def update(params: Params, id: str) -> Object:
    with telling("billing_portal.configuration.updated", store().get(KIND, id)) as configuration:
        _write(configuration, params)
        configuration["active"] = params.flag("active", configuration["active"])
        configuration["updated"] = store().now()
    return configuration


def _write(configuration: Object, params: Params) -> None:
    features = configuration["features"]
    for name, read in FEATURES.items():
        if name in params.mapping("features"):
            features = features | {name: features[name] | read(params.mapping("features").mapping(name))}
    profile = dict(configuration["business_profile"])
    params.mapping("business_profile").write(profile, "headline privacy_policy_url terms_of_service_url")
    params.write(configuration, "default_return_url name")
    configuration |= {
        "features": features,
        "business_profile": profile,
        "metadata": params.metadata(configuration["metadata"]),
    }


def _customer_update(params: Params) -> dict[str, Any]:
    allowed = {"allowed_updates": params.texts("allowed_updates")} if "allowed_updates" in params else {}
    return _enabled(params) | allowed


def _enabled(params: Params) -> dict[str, Any]:
    return {"enabled": params.flag("enabled")} if "enabled" in params else {}


def _cancel(params: Params) -> dict[str, Any]:
    read = _enabled(params) | _chosen(params, "mode", MODES) | _chosen(params, "proration_behavior", BEHAVIORS)
    if "cancellation_reason" in params:
        reason = params.mapping("cancellation_reason")
        read["cancellation_reason"] = {"enabled": reason.flag("enabled"), "options": reason.texts("options")}
    return read


def _update(params: Params) -> dict[str, Any]:
    read = _enabled(params) | _chosen(params, "proration_behavior", BEHAVIORS)
    read |= _chosen(params, "billing_cycle_anchor", ("now", "unchanged"))
    read |= _chosen(params, "trial_update_behavior", ("continue_trial", "end_trial"))
    if "default_allowed_updates" in params:
        read["default_allowed_updates"] = params.texts("default_allowed_updates")
    if "products" in params:
        read["_products"] = [_product(row) for row in params.rows("products")]
    if "schedule_at_period_end" in params:
        conditions = params.mapping("schedule_at_period_end").rows("conditions")
        read["schedule_at_period_end"] = {"conditions": [{"type": row.required("type")} for row in conditions]}
    return read


@includes("", "products")
def products(feature: Object) -> list[Object] | None:
    """Between which prices customers may change, which is told on request alone."""
    found: list[Object] | None = feature.get("_products")
    return found


def _product(params: Params) -> dict[str, Any]:
    product = store().get("product", params.required("product"), params.named("product"))
    prices = [store().get("price", id, params.named("prices")) for id in params.texts("prices")]
    adjustable = params.mapping("adjustable_quantity")
    return {
        "adjustable_quantity": {
            "enabled": adjustable.flag("enabled"),
            "maximum": adjustable.integer("maximum"),
            "minimum": adjustable.integer("minimum", 1),
        },
        "prices": [price["id"] for price in prices],
        "product": product["id"],
    }


def _chosen(params: Params, name: str, among: tuple[str, ...]) -> dict[str, Any]:
    return {name: params.choice(name, among)} if name in params else {}


FEATURES = {
    "customer_update": _customer_update,
    "invoice_history": _enabled,
    "payment_method_update": _enabled,
    "subscription_cancel": _cancel,
    "subscription_update": _update,
}


def _no_features() -> dict[str, Any]:
    return {
        "customer_update": {"allowed_updates": [], "enabled": False},
        "invoice_history": {"enabled": False},
        "payment_method_update": {"enabled": False, "payment_method_configuration": None},
        "subscription_cancel": {
            "cancellation_reason": {"enabled": False, "options": []},
            "enabled": False,
            "mode": "at_period_end",
            "proration_behavior": "none",
        },
        "subscription_update": {
            "billing_cycle_anchor": None,
            "default_allowed_updates": [],
            "enabled": False,
            "proration_behavior": "none",
            "schedule_at_period_end": {"conditions": []},
            "trial_update_behavior": "end_trial",
        },
    }
