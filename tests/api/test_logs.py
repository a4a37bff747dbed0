"""One JSON line a request, findable by its id, without a secret in it."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
import structlog
from django.http import HttpRequest, StreamingHttpResponse
from django.test import Client, RequestFactory

from accounts.models import User, Workspace
from gateway.keys.services import create_key
from moondev.celery import name_the_task, send_request_id
from moondev.middleware import RequestLog

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.urls")]
SECRET = "md_live_" + "S3cr3t" * 6
SENT = ("S3cr3t", "hunter2hunter2", "s3ss10n")


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False)


def lines_of(written: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def access_of(written: io.StringIO) -> list[dict[str, Any]]:
    return [line for line in lines_of(written) if line["logger"] == "moondev.access"]


def test_it_writes_one_line_a_request(visitor: Client, written: io.StringIO) -> None:
    response = visitor.get("/t/framework/conflict?symbol=BTC")
    [line] = access_of(written)
    assert line["request_id"] == response["X-Request-Id"]
    assert line["method"] == "GET"
    assert line["route"] == "t/framework/<str:kind>"
    assert line["status"] == 409
    assert line["duration_ms"] >= 0
    assert line["service"]
    assert "BTC" not in written.getvalue()


def test_it_says_whose_request_it_was(written: io.StringIO, workspace: Workspace, olivia: User) -> None:
    key, secret = create_key(workspace=workspace, actor=olivia, name="bot")
    keyed, browser, nobody = Client(headers={"X-API-Key": secret}), Client(), Client()
    browser.force_login(olivia, backend="allauth.account.auth_backends.AuthenticationBackend")
    for client in (keyed, browser, nobody):
        client.get("/whoami")
    lines = access_of(written)
    assert [line.get("workspace") for line in lines] == [workspace.slug, workspace.slug, None]
    assert [line.get("key") for line in lines] == [key.pk, None, None]
    assert secret not in written.getvalue()


def test_it_writes_the_line_of_a_stream_when_it_is_closed(written: io.StringIO) -> None:
    def stream(request: HttpRequest) -> StreamingHttpResponse:
        return StreamingHttpResponse(iter([b"a", b"b"]))

    response = RequestLog(stream)(RequestFactory().get("/health"))
    assert isinstance(response, StreamingHttpResponse)
    assert b"".join(response) == b"ab"
    assert access_of(written) == []
    response.close()
    assert len(access_of(written)) == 1


def test_it_logs_an_unforeseen_error_under_the_request_id(visitor: Client, written: io.StringIO) -> None:
    response = visitor.get("/t/plain/unhandled")
    [line] = [line for line in lines_of(written) if line["level"] == "error"]
    assert line["request_id"] == response["X-Request-Id"]
    assert "RuntimeError" in line["exception"]
    assert "md_live_abcdefghijkl" not in written.getvalue()


@pytest.mark.parametrize(
    "path", ["/t/plain/unhandled", "/t/framework/unhandled", "/whoami", "/no/such", "/portal/t/bad"]
)
def test_it_never_writes_a_secret_wherever_it_was_sent(visitor: Client, written: io.StringIO, path: str) -> None:
    visitor.cookies["sessionid"] = "s3ss10n"
    for headers in ({"x-api-key": SECRET}, {"authorization": f"Bearer {SECRET}"}):
        visitor.get(path, {"key": SECRET, "api_key": SECRET, "password": "hunter2hunter2"}, headers=headers)
        visitor.post(path, {"password1": "hunter2hunter2", "key": SECRET}, headers=headers)
    visitor.get(f"/files/{SECRET}")
    visitor.get(f"/{SECRET}/x")
    assert len(access_of(written)) == 6
    assert [secret for secret in SENT if secret in written.getvalue()] == []


def test_it_carries_the_request_id_into_a_task(written: io.StringIO) -> None:
    headers: dict[str, Any] = {}
    structlog.contextvars.bind_contextvars(request_id="the-request")
    send_request_id(headers=headers)
    structlog.contextvars.clear_contextvars()

    class Task:
        name = "gateway.tasks.fold_usage"
        request = headers

    name_the_task(task_id="t-1", task=Task())
    structlog.get_logger("gateway.tasks").info("folded")
    structlog.contextvars.clear_contextvars()
    [line] = lines_of(written)
    assert (line["request_id"], line["task"], line["task_id"]) == ("the-request", Task.name, "t-1")
