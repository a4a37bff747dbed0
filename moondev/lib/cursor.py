"""Where a page ended, as an opaque text: the sort key of its last item."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import urlencode

from rest_framework.request import Request

from moondev.lib.errors import Invalid
from moondev.lib.storable import is_storable


def encode(*key: str | int) -> str:
    """A cursor from the sort key of a page's last item."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def decode(text: str | None, *kinds: type) -> list[Any] | None:
    """The sort key of a cursor, checked for its kinds; None without a cursor. Raises Invalid for anything else."""
    if text is None:
        return None
    try:
        padded = text + "=" * (-len(text) % 4)
        key = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except ValueError:
        raise bad_cursor() from None
    if not isinstance(key, list) or [type(part) for part in key] != list(kinds) or not is_storable(key):
        raise bad_cursor()
    return key


def next_link(request: Request, cursor: str) -> dict[str, str]:
    """The Link header that leads to the next page."""
    query = request.query_params.copy()
    query["cursor"] = cursor
    return {"Link": f'<{request.path}?{urlencode(list(query.lists()), doseq=True)}>; rel="next"'}


def bad_cursor() -> Invalid:
    """422: not a cursor of ours."""
    return Invalid.field("/cursor", "Take the cursor from the Link header of the page before, or leave it out.")
