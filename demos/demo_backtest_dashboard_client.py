# Copyright (c) 2026 the Moon Dev platform's authors
# SPDX-License-Identifier: MIT
"""Look at a workspace's backtests from outside, or run an idea: `demo_backtest_dashboard_client.py [run "an idea"]`.

Without arguments it prints the workspace's summary and its best backtests. With `run` and an idea in words it starts a
run, shows its progress until it ends, and prints what came of it. Needs Python 3.11 and `requests`; nothing else of the
platform.

Environment: DASHBOARD_API_KEY (with the scope `backtests`), DASHBOARD_BASE_URL (http://127.0.0.1:8002),
DASHBOARD_WORKSPACE (the workspace's slug, sent as `workspace`; the key's own when left out).
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any
from urllib.parse import quote

import requests

SECONDS = 30
MOST_SHOWN = 5
# How long a run is watched; it goes on behind our back after that.
LONGEST_WATCH_SECONDS = 600
FINISHED = ("complete", "timeout", "error", "cancelled", "not_found")
USAGE = 'usage: demo_backtest_dashboard_client.py [run "buy when RSI(14) crosses below 30, sell above 70"]'


class Failed(Exception):
    """A call did not work; the text is the one line to show."""


class Dashboard:
    """The calls of the backtest dashboard by one key."""

    def __init__(self, base: str, key: str, workspace: str) -> None:
        self.base = base.rstrip("/")
        self.headers = {"X-API-Key": key} if key else {}
        self.params = {"workspace": workspace} if workspace else {}

    def call(self, method: str, path: str, **options: Any) -> Any:
        """What a call answers. Raises Failed with what the platform says, or why it cannot be reached."""
        url = self.base + path
        given: dict[str, Any] = {"headers": self.headers, "params": self.params, "allow_redirects": False}
        try:
            # Redirects are not followed: they would carry the key to a host that nobody named.
            answer = requests.request(method, url, timeout=SECONDS, **given, **options)
        except (requests.RequestException, ValueError) as error:
            raise Failed(f"{url} cannot be reached ({type(error).__name__}).") from error
        if not 200 <= answer.status_code < 300:
            raise Failed(f"{method} {url} answered {answer.status_code}: {reason(answer)}")
        try:
            return answer.json()
        except ValueError as error:
            raise Failed(f"{url} did not answer in JSON.") from error


def main(arguments: list[str]) -> int:
    """Run the demo. 0 when it worked, 1 when a call failed, 2 for wrong arguments."""
    if arguments and (arguments[0] != "run" or len(arguments) != 2):
        print(USAGE, file=sys.stderr)
        return 2
    dashboard = Dashboard(
        setting("DASHBOARD_BASE_URL", "http://127.0.0.1:8002"),
        setting("DASHBOARD_API_KEY"),
        setting("DASHBOARD_WORKSPACE"),
    )
    try:
        run_idea(dashboard, arguments[1]) if arguments else show_workspace(dashboard)
    except Failed as failure:
        print(f"Failed: {failure}", file=sys.stderr)
        return 1
    return 0


def show_workspace(dashboard: Dashboard) -> None:
    """The summary, and the backtests with the largest returns."""
    stats = dashboard.call("GET", "/api/stats")
    strategies, sets = stats["unique_strategies"], stats["unique_data_sources"]
    counts = f"{stats['total_backtests']} backtests, {strategies} strategies, {sets} data sets"
    print(f"Workspace {stats['workspace']}: {counts}.")
    print(
        f"Average return {stats['avg_return']:g} %, best {stats['max_return']:g} %, Sortino {stats['avg_sortino']:g}."
    )
    rows = dashboard.call("GET", "/api/backtests")["data"]
    if not rows:
        print("There are no backtests yet. Start one in the portal, or with `run` and an idea.")
    for row in sorted(rows, key=rank, reverse=True)[:MOST_SHOWN]:
        print(line_of(row))


def run_idea(dashboard: Dashboard, idea: str) -> None:
    """Start a run, watch it and print its backtests."""
    started = dashboard.call("POST", "/api/backtest/run", json={"ideas": idea, "run_name": "demo"})
    print(f"{started['message']} Its id is {started['id']}.")
    status = watch(dashboard, started["id"])
    if status["status"] != "complete":
        raise Failed(f"the run ended as {status['status']}: {status['message'] or 'no reason given'}")
    for row in dashboard.call("GET", "/api/backtests")["data"]:
        if row["run"] == started["id"]:
            print(line_of(row))
            for note in row["notes"]:
                print(f"  Note: {note['text']}")


def watch(dashboard: Dashboard, run_id: str) -> dict[str, Any]:
    """Print each step of a run until it has ended."""
    told, end = "", time.monotonic() + LONGEST_WATCH_SECONDS
    while time.monotonic() < end:
        status: dict[str, Any] = dashboard.call("GET", f"/api/backtest/status/{quote(run_id)}")
        if status["status"] in FINISHED:
            return status
        says = f"{status['status']}: {(status['progress'] or {}).get('says', '')}"
        if says != told:
            print(f"  {says}")
            told = says
        time.sleep(1)
    raise Failed(f"the run {run_id} has not ended within {LONGEST_WATCH_SECONDS} seconds; it goes on.")


def rank(row: dict[str, Any]) -> float:
    """The return, to sort by; the text of a very large one comes first, none last."""
    value = row["Return %"]
    return float("inf") if isinstance(value, str) else float("-inf") if value is None else float(value)


def line_of(row: dict[str, Any]) -> str:
    """One backtest in one line."""
    made_up = ", simulated" if row["simulated"] else ""
    return (
        f"  {row['Strategy Name']} on {row['Data']}{made_up}: return {percent(row['Return %'])}, buy and hold "
        f"{percent(row['Buy & Hold %'])}, drawdown {percent(row['Max Drawdown %'])}, {row['Trades']} trades."
    )


def percent(value: float | str | None) -> str:
    """A number as percent; the platform sends text where it is very large."""
    if value is None:
        return "none"
    return value if isinstance(value, str) else f"{value:.2f} %"


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
    sys.exit(main(sys.argv[1:]))
