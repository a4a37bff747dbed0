"""Whatever goes wrong looks the same: RFC 9457, a request id, and no word that was not written for customers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client, override_settings

from tests.api.urls import SECRET_TEXT

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.urls")]

MEMBERS = {"type", "title", "status", "detail", "instance", "request_id"}


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False)


def check_problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """Fails unless an answer is a whole problem with this status and code."""
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = json.loads(response.content)
    assert set(problem) >= MEMBERS
    assert problem["type"] == f"/docs/errors#{code}"
    assert problem["status"] == status
    assert isinstance(problem["detail"], str)
    assert problem["request_id"] == response["X-Request-Id"]
    assert "md_live_" not in response.content.decode()
    assert "not-for-customers" not in response.content.decode()
    return problem


KINDS = {
    "unhandled": (500, "internal"),
    "http404": (404, "not-found"),
    "denied": (403, "forbidden"),
    "suspicious": (400, "bad-request"),
    "bad": (400, "bad-request"),
    "conflict": (409, "conflict"),
    "away": (503, "unavailable"),
    "throttled": (429, "too-many-requests"),
    "parse": (400, "bad-request"),
    "validation": (422, "invalid"),
}


@pytest.mark.parametrize("debug", [False, True], ids=["production", "debug"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("view", ["plain", "framework"])
def test_it_answers_every_exception_with_a_problem(visitor: Client, view: str, kind: str, debug: bool) -> None:
    with override_settings(DEBUG=debug):
        check_problem(visitor.get(f"/t/{view}/{kind}"), *KINDS[kind])


@pytest.mark.parametrize("debug", [False, True], ids=["production", "debug"])
def test_it_answers_an_unknown_path_with_a_problem(visitor: Client, debug: bool) -> None:
    with override_settings(DEBUG=debug):
        problem = check_problem(visitor.get("/no/such/path?key=1"), 404, "not-found")
    assert problem["instance"] == "/no/such/path"


def test_it_names_the_methods_of_an_address(visitor: Client) -> None:
    response = visitor.delete("/health")
    check_problem(response, 405, "method-not-allowed")
    assert "GET" in response["Allow"]


def test_it_names_the_methods_of_a_plain_view(visitor: Client) -> None:
    response = visitor.post("/metrics")
    check_problem(response, 405, "method-not-allowed")
    assert "GET" in response["Allow"]


def test_it_points_at_every_value_that_is_not_acceptable(visitor: Client) -> None:
    problem = check_problem(visitor.get("/t/framework/validation"), 422, "invalid")
    assert problem["errors"] == [
        {"pointer": "/rules/0/a~1b", "detail": "Too small."},
        {"pointer": "", "detail": "Not both."},
    ]


def test_it_points_at_a_rejected_value_of_a_body(visitor: Client) -> None:
    response = visitor.post("/t/framework/x", {"threshold": -1}, content_type="application/json")
    assert check_problem(response, 422, "invalid")["errors"][0]["pointer"] == "/threshold"


@pytest.mark.parametrize("body", [b"{", b"\xff", b'{"a":'])
def test_it_answers_a_body_that_is_no_json(visitor: Client, body: bytes) -> None:
    check_problem(visitor.post("/t/framework/x", body, content_type="application/json"), 400, "bad-request")


def test_it_answers_a_body_of_another_type(visitor: Client) -> None:
    check_problem(visitor.post("/t/framework/x", b"a", content_type="text/plain"), 415, "unsupported-media-type")


def test_it_answers_an_accept_header_that_nothing_fits(visitor: Client) -> None:
    check_problem(visitor.get("/health", headers={"accept": "image/png"}), 406, "not-acceptable")


def test_it_refuses_a_large_body_before_anybody_reads_it(visitor: Client) -> None:
    body = b'{"threshold": ' + b"1" * 1_048_577 + b"}"
    check_problem(visitor.post("/t/framework/x", body, content_type="application/json"), 413, "too-large")


def test_it_refuses_a_host_that_is_not_ours(visitor: Client) -> None:
    with override_settings(ALLOWED_HOSTS=["api.example.com"], SECURE_SSL_REDIRECT=True):
        check_problem(visitor.get("/t/plain/bad", headers={"host": "evil.example.com"}), 400, "bad-request")


def test_it_keeps_the_headers_of_an_error(visitor: Client) -> None:
    assert visitor.get("/t/plain/away")["Retry-After"] == "7"
    assert visitor.get("/t/framework/throttled")["Retry-After"] == "4"


@pytest.mark.parametrize("kind", ["unhandled", "http404", "conflict"])
def test_it_shows_people_a_page(visitor: Client, kind: str) -> None:
    response = visitor.get(f"/portal/t/{kind}")
    assert response.status_code == KINDS[kind][0]
    assert response["Content-Type"].startswith("text/html")
    assert SECRET_TEXT not in response.content.decode()


def test_it_gives_a_page_of_an_error_the_request_id(visitor: Client) -> None:
    response = visitor.get("/portal/t/conflict")
    assert response["X-Request-Id"] in response.content.decode()


def test_it_does_not_take_a_request_id_from_a_stranger(visitor: Client) -> None:
    response = visitor.get("/health", headers={"x-request-id": "forged-request-id"})
    assert response["X-Request-Id"] != "forged-request-id"


def test_it_takes_a_request_id_from_a_proxy_of_ours(visitor: Client) -> None:
    with override_settings(TRUSTED_PROXIES=["127.0.0.0/8"]):
        assert visitor.get("/health", headers={"x-request-id": "from-the-proxy"})["X-Request-Id"] == "from-the-proxy"


@pytest.mark.parametrize("given", ["short", "a b c d e f g h", "x" * 65, "line\tbreak-line", "é" * 10])
def test_it_replaces_a_request_id_that_is_not_sane(visitor: Client, given: str) -> None:
    with override_settings(TRUSTED_PROXIES=["127.0.0.0/8"]):
        answered = visitor.get("/health", headers={"x-request-id": given})["X-Request-Id"]
    assert answered != given
    assert len(answered) == 32


def test_it_gives_every_answer_an_id_of_its_own(visitor: Client) -> None:
    paths = ["/health", "/health", "/no/such/path", "/t/plain/unhandled", "/portal/t/conflict", "/schema", "/docs"]
    assert len({visitor.get(path)["X-Request-Id"] for path in paths}) == len(paths)
