"""A restart keeps what the sandbox knows; due work is done in the order of time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import requests

from billing.sandbox import clock
from billing.sandbox.store import Store
from tests.billing.sandbox.fixture import DAY, start_sandbox
from tests.live import _wait_or_kill

AUTH = ("sk_test_any", "")


def test_it_knows_everything_after_a_restart(tmp_path: Path) -> None:
    url, process = start_sandbox(tmp_path)
    customer = requests.post(f"{url}/v1/customers", auth=AUTH, data={"email": "a@example.com"}, timeout=5).json()
    now = requests.post(f"{url}/sandbox/clock/advance", json={"seconds": 30 * DAY}, timeout=5).json()["now"]
    process.terminate()
    _wait_or_kill(process)
    url, process = start_sandbox(tmp_path)
    try:
        assert requests.get(f"{url}/v1/customers/{customer['id']}", auth=AUTH, timeout=5).json() == customer
        later = requests.post(f"{url}/sandbox/clock/advance", json={"seconds": 0}, timeout=5).json()["now"]
        assert 0 <= later - now < 60
        assert len(requests.get(f"{url}/v1/events", auth=AUTH, timeout=5).json()["data"]) == 1
    finally:
        process.terminate()
        _wait_or_kill(process)


def test_it_never_leaves_half_a_file(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    store = Store(path)
    store.put("customer", {"id": "cus_1", "_secret": "x"})
    store.save()
    assert json.loads(path.read_text())["objects"]["cus_1"]["_secret"] == "x"
    assert [each.name for each in tmp_path.iterdir()] == ["state.json"]
    assert Store(path).get("customer", "cus_1")["_secret"] == "x"


class TestClock:
    @pytest.fixture
    def store(self, monkeypatch: pytest.MonkeyPatch) -> Store:
        """A store in memory, and nobody else's work."""
        store = Store()
        monkeypatch.setattr(clock, "store", lambda: store)
        monkeypatch.setattr(clock, "_registry", [])
        return store

    def test_it_does_what_is_due_in_order_and_each_at_its_time(self, store: Store) -> None:
        begun, done = store.now(), list[tuple[str, int]]()
        waiting = {"late": begun + 300, "soon": begun + 100, "next year": begun + 365 * DAY}

        @clock.due
        def look() -> Iterator[clock.Work]:
            for name, when in list(waiting.items()):
                yield when, partial(act, name)

        def act(name: str) -> None:
            del waiting[name]
            done.append((name, store.now() - begun))
            if name == "soon":
                waiting["child of soon"] = begun + 200

        clock.advance(1000)
        assert done == [("soon", 100), ("child of soon", 200), ("late", 300)]
        assert 1000 <= store.now() - begun <= 1002

    def test_it_stops_work_that_never_ends(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(clock, "STEPS", 10)
        clock.due(lambda: [(store.now(), lambda: None)])
        with pytest.raises(RuntimeError):
            clock.advance(10)
