# Copyright (c) 2026 the Moon Dev platform's authors
# SPDX-License-Identifier: MIT
"""Make an alert, look at it, try it and delete it, from outside: `demo_alerts_client.py`.

It shows when such an alert would have fired, makes one, lists the workspace's alerts, sends a test, prints what has
become of it and deletes the alert again. Needs Python 3.11 and `requests`; nothing else of the platform.

Environment: ALERTS_API_KEY (required, with the scope `alerts`), ALERTS_BASE_URL (http://127.0.0.1:8012),
ALERTS_DEMO_TYPE (liquidation_spike; or funding_extreme, whale_activity, open_interest_change, price_move,
copybot_trade).
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import requests

SECONDS = 30
# How often the history is asked for what became of the test, a second apart.
LOOKS = 10
EXAMPLES: dict[str, dict[str, Any]] = {
    "liquidation_spike": {"threshold": 1_000_000, "window_minutes": 60, "recovery_threshold": 500_000},
    "funding_extreme": {"threshold": 0.001},
    "whale_activity": {"threshold": 5},
    "open_interest_change": {"threshold": 5, "window_minutes": 60},
    "price_move": {"threshold": 2, "window_minutes": 15, "symbol": "BTC"},
    "copybot_trade": {"threshold": 10_000},
}


class Failed(Exception):
    """A call did not work; the text is the one line to show."""


class Alerts:
    """The calls on alerts by one key."""

    def __init__(self, base: str, key: str) -> None:
        self.base = base.rstrip("/")
        self.headers = {"X-API-Key": key}

    def call(self, method: str, path: str, **options: Any) -> Any:
        """What a call answers. Raises Failed with what the platform says, or why it cannot be reached."""
        url = self.base + path
        try:
            # Redirects are not followed: they would carry the key to a host that nobody named.
            answer = requests.request(
                method, url, headers=self.headers, timeout=SECONDS, allow_redirects=False, **options
            )
        except (requests.RequestException, ValueError) as error:
            raise Failed(f"{url} cannot be reached ({type(error).__name__}).") from error
        if not 200 <= answer.status_code < 300:
            raise Failed(f"{method} {url} answered {answer.status_code}: {reason(answer)}")
        try:
            return answer.json()
        except ValueError as error:
            raise Failed(f"{url} did not answer in JSON.") from error


def main() -> int:
    """Run the demo. 0 when it worked, 1 when a call failed."""
    try:
        demo()
    except Failed as failure:
        print(f"Failed: {failure}", file=sys.stderr)
        return 1
    return 0


def demo() -> None:
    """From a preview to deleting the alert, which also happens when something in between fails."""
    kind, key = setting("ALERTS_DEMO_TYPE", "liquidation_spike"), setting("ALERTS_API_KEY")
    if not key:
        raise Failed("ALERTS_API_KEY is not set. Keys are made in the portal; this one needs the scope alerts.")
    # A type that is not known here may still be one of the platform's.
    alert = {"type": kind, **EXAMPLES.get(kind, {"threshold": 1})}
    alerts = Alerts(setting("ALERTS_BASE_URL", "http://127.0.0.1:8012"), key)
    show_preview(alerts, alert)
    made = alerts.call("POST", "/alerts", json={**alert, "description": "Made by the demo client"})
    try:
        print(f"Made the alert {made['id']}: {made['type']} at {made['threshold']:g}, state {made['state']}.")
        listed = alerts.call("GET", "/alerts")
        print(f"The workspace has {len(listed)} alert{'' if len(listed) == 1 else 's'}.")
        show_test(alerts, made["id"])
    finally:
        alerts.call("DELETE", f"/alerts/{made['id']}")
        print(f"Deleted the alert {made['id']}.")


def show_preview(alerts: Alerts, alert: dict[str, Any]) -> None:
    """When the alert would have fired."""
    found = alerts.call("POST", "/alerts/preview", json=alert)
    if found["history_from"] is None:
        print("There are no data yet to look back at.")
        return
    made_up = ", on simulated data" if found["simulated"] else ""
    times = "once" if found["fired"] == 1 else f"{found['fired']} times"
    print(f"It would have fired {times} since {found['history_from']}{made_up}.")


def show_test(alerts: Alerts, alert_id: str) -> None:
    """Send a test and wait a little for what becomes of it."""
    sent = alerts.call("POST", f"/alerts/{alert_id}/test")
    print(f"Sent a test to {', '.join(place['name'] for place in sent['deliveries']) or 'nobody'}.")
    for _ in range(LOOKS):
        history = alerts.call("GET", f"/alerts/{alert_id}/history")
        events = [entry["event"] for entry in history if entry["event"] and entry["event"]["id"] == sent["id"]]
        attempts = [attempt for event in events for place in event["deliveries"] for attempt in place["attempts"]]
        if attempts:
            break
        time.sleep(1)
    for attempt in attempts:
        print(f"{'Delivered' if attempt['succeeded'] else 'Not delivered'}: {attempt['said']}")
    if not attempts:
        print("It waits for a worker.")


def setting(name: str, default: str = "") -> str:
    """A variable of the environment; an empty one counts as not set."""
    return os.environ.get(name, "").strip() or default


def reason(answer: requests.Response) -> str:
    """What the platform says of an error (RFC 9457): its detail, and each value that it does not take."""
    try:
        problem = answer.json()
        wrong = [f"{error['pointer']}: {error['detail']}" for error in problem.get("errors", [])]
        return " ".join(wrong or [str(problem["detail"])])
    except (ValueError, KeyError, TypeError, AttributeError):
        return answer.reason or "no reason given"


if __name__ == "__main__":
    sys.exit(main())
