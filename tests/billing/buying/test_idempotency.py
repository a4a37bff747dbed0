"""A POST that is sent again with its Idempotency-Key."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from billing.api.idempotency import answer_once, forget_old_answers
from billing.models import StoredAnswer
from moondev.lib.errors import Conflict, Invalid, Unavailable

pytestmark = pytest.mark.django_db


class Worker:
    """Does something that must not be done twice, and tells how often it did and with which key for Stripe."""

    def __init__(self) -> None:
        self.keys: list[str] = []

    def __call__(self, key: str) -> dict[str, Any]:
        self.keys.append(key)
        return {"url": f"https://pay.example.com/{len(self.keys)}"}


def request(key: str | None, body: object = "pro", path: str = "/buy") -> Request:
    headers = {} if key is None else {"Idempotency-Key": key}
    plain = APIRequestFactory().post(path, {"plan": body}, format="json", headers=headers)
    return APIView().initialize_request(plain)


def ask(worker: Any, key: str | None, body: object = "pro", *, asker: str = "workspace 1", path: str = "/buy") -> Any:
    return answer_once(request(key, body, path), asker=asker, make=worker)


@pytest.fixture
def worker() -> Worker:
    return Worker()


def test_it_gives_the_same_answer_and_does_nothing_twice(worker: Worker) -> None:
    first, second = ask(worker, "one"), ask(worker, "one")
    assert first.data == second.data
    assert (first.status_code, second.status_code) == (200, 200)
    assert second["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert len(worker.keys) == 1


def test_it_does_a_thing_each_time_without_a_key(worker: Worker) -> None:
    assert ask(worker, None).data != ask(worker, None).data
    assert len(set(worker.keys)) == 2
    assert not StoredAnswer.objects.exists()


@pytest.mark.parametrize("other", [{"body": "team"}, {"path": "/other"}])
def test_it_refuses_a_key_that_came_with_another_request(worker: Worker, other: dict[str, Any]) -> None:
    ask(worker, "one")
    with pytest.raises(Invalid):
        ask(worker, "one", **other)


def test_it_keeps_askers_apart(worker: Worker) -> None:
    assert ask(worker, "one").data != ask(worker, "one", asker="workspace 2").data
    assert len(set(worker.keys)) == 2


def test_it_says_that_the_first_is_still_at_work(worker: Worker) -> None:
    def again(key: str) -> dict[str, Any]:
        with pytest.raises(Conflict) as refused:
            ask(worker, "one")
        assert refused.value.headers["Retry-After"]
        return {}

    ask(again, "one")
    assert worker.keys == []


def test_it_lets_a_repeat_try_again_after_a_failure(worker: Worker) -> None:
    def away(key: str) -> dict[str, Any]:
        raise Unavailable("Stripe is away.")

    with pytest.raises(Unavailable):
        ask(away, "one")
    assert ask(worker, "one").status_code == 200


def test_it_takes_over_from_a_process_that_died_with_the_same_key_for_stripe(worker: Worker) -> None:
    ask(worker, "one")
    StoredAnswer.objects.update(status=None, body=None, created_at=timezone.now() - timedelta(minutes=3))
    assert ask(worker, "one").status_code == 200
    assert len(worker.keys) == 2
    assert len(set(worker.keys)) == 1


def test_it_forgets_an_answer_after_a_day(worker: Worker) -> None:
    ask(worker, "old")
    ask(worker, "new")
    StoredAnswer.objects.filter(key="old").update(created_at=timezone.now() - timedelta(hours=25))
    assert ask(worker, "old", "team").data == {"url": "https://pay.example.com/3"}
    StoredAnswer.objects.filter(key="old").update(created_at=timezone.now() - timedelta(hours=25))
    assert forget_old_answers() == 1
    assert StoredAnswer.objects.get().key == "new"


@pytest.mark.parametrize("key", ["", " ", "a b", "ü", "x" * 256, "a\x00b"])
def test_it_refuses_a_malformed_key(worker: Worker, key: str) -> None:
    with pytest.raises(Invalid):
        ask(worker, key)
    assert worker.keys == []
