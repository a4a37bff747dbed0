"""Products and their prices."""

from __future__ import annotations

from billing.sandbox.engine.news import telling
from billing.sandbox.errors import Refused
from billing.sandbox.events import emit
from billing.sandbox.forms import Params
from billing.sandbox.http import reference, resource
from billing.sandbox.paging import created_in
from billing.sandbox.store import Object, store

TEXTS = "description name statement_descriptor tax_code unit_label url"
TAKES = f"{TEXTS} active images marketing_features metadata"


def new_product(params: Params) -> Object:
    """Make a product of the parameters of a call, or of a price's `product_data`."""
    data = store()
    params.required("name")
    id = params.text("id") or data.new_id("prod")
    if data.find(id):
        raise Refused("Product already exists.", code="resource_already_exists", param=params.named("id"))
    product: Object = {
        "id": id,
        "object": "product",
        "active": True,
        "created": data.now(),
        "default_price": None,
        "description": None,
        "images": [],
        "livemode": False,
        "marketing_features": [],
        "metadata": {},
        "name": "",
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "type": "service",
        "unit_label": None,
        "updated": data.now(),
        "url": None,
    }
    _write(product, params)
    data.put("product", product)
    emit("product.created", product)
    return product


@resource("POST", "v1/products", takes=f"{TAKES} id")
def create(params: Params) -> Object:
    return new_product(params)


@resource("GET", "v1/products", takes="active created ids")
def list_products(params: Params) -> list[Object]:
    rows = created_in(store().rows("product", active=params.flag("active") if "active" in params else None), params)
    ids = params.texts("ids")
    return [row for row in rows if row["id"] in ids] if ids else rows


@resource("GET", "v1/products/<id>", takes="")
def retrieve(params: Params, id: str) -> Object:
    return store().get("product", id)


@resource("POST", "v1/products/<id>", takes=f"{TAKES} default_price")
def update(params: Params, id: str) -> Object:
    product = store().get("product", id)
    price = reference("price", params, "default_price")
    with telling("product.updated", product):
        _write(product, params)
        if price:
            product["default_price"] = price["id"]
        product["updated"] = store().now()
    return product


@resource("DELETE", "v1/products/<id>", takes="")
def delete(params: Params, id: str) -> Object:
    product = store().get("product", id)
    if store().rows("price", product=id):
        raise Refused("This product cannot be deleted because it has one or more user-created prices.")
    stub = store().remove(product)
    emit("product.deleted", product)
    return stub


@resource("GET", "v1/products/<id>/features", takes="")
def list_features(params: Params, id: str) -> list[Object]:
    """dj-stripe asks for them with every product; none are played."""
    store().get("product", id)
    return []


def _write(product: Object, params: Params) -> None:
    params.write(product, TEXTS)
    product["active"] = params.flag("active", product["active"])
    if "images" in params:
        product["images"] = params.texts("images")
    if "marketing_features" in params:
        product["marketing_features"] = [{"name": row.required("name")} for row in params.rows("marketing_features")]
    product["metadata"] = params.metadata(product["metadata"])
