"""How the data API looks in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from gateway.data.formats import CONTENT_TYPES
from gateway.data.query import FORMATS, LONGEST_SYMBOL, MOST_ROWS, USUAL_ROWS
from marketdata.catalogue import Feed

MOMENT = {
    "oneOf": [
        {"type": "string", "format": "date-time"},
        {"type": "number", "minimum": 0, "maximum": 999_999_999_999_999},
    ]
}
BINARY = {"type": "string", "format": "binary"}
ROWS = {"type": "array", "items": {"type": "object", "description": "The columns by name"}}
NOTES = (
    OpenApiParameter("ETag", str, OpenApiParameter.HEADER, response=[200, 206, 304], description="Names these bytes"),
    OpenApiParameter(
        "X-Market-Data-Source",
        str,
        OpenApiParameter.HEADER,
        response=[200, 206, 304],
        description="`simulated` where the numbers are not real",
    ),
    OpenApiParameter(
        "X-History-From",
        OpenApiTypes.DATETIME,
        OpenApiParameter.HEADER,
        response=[200, 206, 304],
        description="Sent where the plan's history leaves older rows out: the first moment that it includes",
    ),
    OpenApiParameter(
        "X-Data-Age",
        int,
        OpenApiParameter.HEADER,
        response=[200, 206, 304],
        description="Sent where the source cannot be read: seconds since it was",
    ),
)


def described(catalogue: Mapping[str, Feed]) -> dict[str, Any]:
    """The arguments of `extend_schema` for a view of this catalogue."""
    return {
        "tags": ["data"],
        "description": _description(catalogue),
        "parameters": [_name(catalogue), *_parameters(), *NOTES],
        "responses": {
            **{
                (200, kind): OpenApiResponse(ROWS if kind == "application/json" else BINARY, "The file")
                for kind in _kinds(catalogue)
            },
            (206, "text/csv"): OpenApiResponse(BINARY, "The part that Range asks for"),
            304: OpenApiResponse(None, "The client has it already (If-None-Match)"),
        },
    }


def _kinds(catalogue: Mapping[str, Feed]) -> list[str]:
    kinds = [kind.split(";")[0] for kind in CONTENT_TYPES.values()]
    return kinds if all(feed.has_header for feed in catalogue.values()) else [*kinds, "text/plain"]


def _description(catalogue: Mapping[str, Feed]) -> str:
    lines = [
        f"- `{name}`: {feed.about}. Columns: {', '.join(c.name for c in feed.columns)}."
        for name, feed in catalogue.items()
    ]
    return (
        "The last `limit` rows, ascending by time. Rows before the plan's history are left out; only an explicit "
        "`start` before it is refused. A parameter that a file has no column for has no effect.\n\n" + "\n".join(lines)
    )


def _name(catalogue: Mapping[str, Feed]) -> OpenApiParameter:
    return OpenApiParameter(
        "name", str, OpenApiParameter.PATH, enum=list(catalogue), description="The file's exact name"
    )


def _parameters() -> list[OpenApiParameter]:
    rows = {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": USUAL_ROWS}
    # No pattern: names of contracts can be in any script.
    symbol = {"type": "string", "minLength": 1, "maxLength": LONGEST_SYMBOL}
    header = {"type": "integer", "enum": [0, 1], "default": 1}
    kind = {"type": "string", "enum": list(FORMATS), "default": FORMATS[0]}
    return [
        OpenApiParameter("limit", rows, description="How many rows, counted from the newest"),
        OpenApiParameter("symbol", symbol, description="One contract in any of its forms: BTC, BTCUSDT, BTC-USDT"),
        OpenApiParameter("start", MOMENT, description="From this moment on: ISO 8601, epoch seconds or milliseconds"),
        OpenApiParameter("end", MOMENT, description="Before this moment: ISO 8601, epoch seconds or milliseconds"),
        OpenApiParameter("format", kind, description="The file's format; which ones there are is the plan's to say"),
        OpenApiParameter("header", header, description="0 leaves the line of column names out of a CSV"),
    ]
