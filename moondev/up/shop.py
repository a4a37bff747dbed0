"""The sandbox's shelves filled: what the plans sell has to be in it before anybody can buy."""

from __future__ import annotations

import json
from http.client import HTTPConnection, HTTPException
from typing import Any

from moondev.up.house import HOST, SANDBOX, House
from moondev.up.prepare import call

ANY_KEY = "Bearer sk_test_sandbox"


def stock(house: House) -> None:
    """Let the sandbox sell what the rows say, unless it does already. At Stripe that is the operator's to do."""
    stamp = house.data_dir / "stocked"
    if not house.has_sandbox or (stamp.exists() and _prices(house)):
        return
    call(house, "moondev.up.sell", log="stock", failure="the sandbox cannot be filled")
    stamp.touch()


def _prices(house: House) -> list[Any]:
    """What is for sale; nothing after the sandbox was emptied."""
    connection = HTTPConnection(HOST, house.ports[SANDBOX], timeout=5)
    try:
        connection.request("GET", "/v1/prices?limit=1", headers={"Authorization": ANY_KEY})
        return list(json.loads(connection.getresponse().read())["data"])
    except (OSError, HTTPException, LookupError, ValueError):
        return []
    finally:
        connection.close()
