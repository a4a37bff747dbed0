# Copyright (c) 2026 the Moon Dev platform's authors
# SPDX-License-Identifier: MIT
"""Buy a plan and use what was bought, from outside: `demo_billing_gateway_client.py checkout|gateway`.

`checkout` makes a page on which to pay and prints its address. `gateway` shows what an API key may do and reads the
newest liquidations with it. Needs Python 3.11 and `requests`; nothing else of the platform.

Environment: BILLING_BASE_URL (http://127.0.0.1:8011), BILLING_PLAN (pro), BILLING_SUCCESS_URL, BILLING_CANCEL_URL (the
platform's own pages when unset), BILLING_CUSTOMER_EMAIL (demo@example.com); GATEWAY_BASE_URL (http://127.0.0.1:8010),
GATEWAY_API_KEY.
"""

from __future__ import annotations

import os
import sys
import uuid
from typing import Any

import requests

SECONDS = 30
ROWS = 5


class Failed(Exception):
    """A call did not work; the text is the one line to show."""


def main(arguments: list[str]) -> int:
    """Run one of the two demos. 0 when it worked, 1 when a call failed, 2 for a wrong use."""
    demo = {"checkout": checkout, "gateway": gateway}.get(arguments[0]) if len(arguments) == 1 else None
    if demo is None:
        print("Usage: demo_billing_gateway_client.py checkout|gateway", file=sys.stderr)
        return 2
    try:
        demo()
    except Failed as failure:
        print(f"Failed: {failure}", file=sys.stderr)
        return 1
    return 0


def checkout() -> None:
    """Make a page on which to pay for a plan, without an account."""
    base = setting("BILLING_BASE_URL", "http://127.0.0.1:8011").rstrip("/")
    order = {
        "plan": setting("BILLING_PLAN", "pro"),
        "success_url": setting("BILLING_SUCCESS_URL"),
        "cancel_url": setting("BILLING_CANCEL_URL"),
        "customer_email": setting("BILLING_CUSTOMER_EMAIL", "demo@example.com"),
    }
    body = {name: value for name, value in order.items() if value}
    # Should the answer get lost, the same call with the same key makes no second page.
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    made = read(call("POST", f"{base}/billing/create-checkout-session", json=body, headers=headers))
    print(f"Made the checkout session {made['session_id']} for the plan {body['plan']}. Pay here:")
    print(made["url"])


def gateway() -> None:
    """Show what a key may do and read a file with it."""
    base = setting("GATEWAY_BASE_URL", "http://127.0.0.1:8010").rstrip("/")
    key = setting("GATEWAY_API_KEY")
    if not key:
        raise Failed("GATEWAY_API_KEY is not set. A key is shown in the portal after paying.")
    headers = {"X-API-Key": key}
    me = read(call("GET", f"{base}/whoami", headers=headers))
    print(f"The key {me['key_hash']} is on the plan {me['plan']}: {me['limit_per_min']} requests a minute.")
    quota = read(call("GET", f"{base}/quota", headers=headers))
    print(f"Used {quota['used']} of them; the minute ends in {quota['resets_in_sec']} s.")
    file = call("GET", f"{base}/files/liq_data.csv", params={"limit": str(ROWS)}, headers=headers)
    print(f"The newest {ROWS} liquidations:")
    print(file.text.rstrip())


def setting(name: str, default: str = "") -> str:
    """A variable of the environment; an empty one counts as not set."""
    return os.environ.get(name, "").strip() or default


def call(method: str, url: str, **options: Any) -> requests.Response:
    """An answer with status 200. Raises Failed with what the platform says, or why it cannot be reached."""
    try:
        # Redirects are not followed: they would carry the key to a host that nobody named.
        answer = requests.request(method, url, timeout=SECONDS, allow_redirects=False, **options)
    except (requests.RequestException, ValueError) as error:
        raise Failed(f"{url} cannot be reached ({type(error).__name__}).") from error
    if answer.status_code != 200:
        raise Failed(f"{method} {url} answered {answer.status_code}: {reason(answer)}")
    return answer


def reason(answer: requests.Response) -> str:
    """What the platform says of an error (RFC 9457): its detail, and each value that it does not take."""
    try:
        problem = answer.json()
        wrong = [f"{error['pointer']}: {error['detail']}" for error in problem.get("errors", [])]
        return " ".join([str(problem["detail"]), *wrong])
    except (ValueError, KeyError, TypeError, AttributeError):
        return answer.reason or "no reason given"


def read(answer: requests.Response) -> dict[str, Any]:
    """The object in an answer. Raises Failed when there is none."""
    try:
        found = answer.json()
    except ValueError as error:
        raise Failed(f"{answer.url} did not answer in JSON.") from error
    if not isinstance(found, dict):
        raise Failed(f"{answer.url} did not answer with an object.")
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
