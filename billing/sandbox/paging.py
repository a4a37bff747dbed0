"""Lists as Stripe pages them: limit, starting_after, ending_before, created."""

from __future__ import annotations

from billing.sandbox.errors import Refused
from billing.sandbox.forms import Params
from billing.sandbox.store import Object

USUAL, MOST = 10, 100
RANGE = {"gt": int.__gt__, "gte": int.__ge__, "lt": int.__lt__, "lte": int.__le__}


def page_of(rows: list[Object], params: Params) -> tuple[list[Object], bool]:
    """The page of these rows (newest first) that was asked for, and whether there are more in its direction."""
    limit = params.integer("limit", USUAL) or USUAL
    if not 0 < limit <= MOST:
        raise Refused(f"Invalid limit: must be between 1 and {MOST}", param="limit")
    before = params.text("ending_before")
    if before:
        rows = rows[: _place(rows, before, "ending_before")]
        return rows[-limit:], len(rows) > limit
    after = params.text("starting_after")
    if after:
        rows = rows[_place(rows, after, "starting_after") + 1 :]
    return rows[:limit], len(rows) > limit


def created_in(rows: list[Object], params: Params, field: str = "created") -> list[Object]:
    """Those made at `created`, or within `created[gte]` and so on."""
    if not params.get(field):
        return rows
    if isinstance(params[field], str):
        moment = params.integer(field)
        return [row for row in rows if row[field] == moment]
    edges = params.mapping(field)
    for name in edges:
        edge = edges.integer(name) or 0
        if name not in RANGE:
            raise Refused(f"Received unknown parameter: {edges.named(name)}", param=edges.named(name))
        rows = [row for row in rows if row[field] is not None and RANGE[name](row[field], edge)]
    return rows


def _place(rows: list[Object], id: str, param: str) -> int:
    for place, row in enumerate(rows):
        if row["id"] == id:
            return place
    raise Refused(f"No such object: '{id}'", code="resource_missing", param=param)
