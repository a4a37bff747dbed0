"""The licence check where there is no gateway, or something that only looks like one."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import requests

from licensing.client import LicenseSettingError, Reason, check_feature_license, ensure_feature_license
from licensing.client.environment import read_environment
from tests.licensing.conftest import ROOT, Agent, Pretender

KEY = "md_live_anything"
RUNS = "the agent runs"
HTML = b"<html>Welcome to the hotel's wireless network</html>"
FEATURES = ("focus", "phone", "video", "clips")


def send(request: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
    request.send_response(status)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(body)


def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def check_agent_fails(agent: Agent, url: str) -> None:
    """Fails unless an agent goes on with a warning, and ends when the licence is required."""
    relaxed = agent(LICENSE_GATEWAY_URL=url, LICENSE_API_KEY=KEY)
    assert (relaxed.returncode, relaxed.stdout.strip()) == (0, RUNS)
    assert len(relaxed.stderr.splitlines()) == 1
    required = agent(LICENSE_GATEWAY_URL=url, LICENSE_API_KEY=KEY, REQUIRE_LICENSE="1")
    assert (required.returncode, required.stdout) == (1, "")
    assert len(required.stderr.splitlines()) == 1
    assert KEY not in relaxed.stderr + required.stderr


def check_fails(environment: pytest.MonkeyPatch, url: str) -> None:
    """The same without a process of its own, for the long lists."""
    environment.setenv("LICENSE_GATEWAY_URL", url)
    environment.setenv("LICENSE_API_KEY", KEY)
    environment.delenv("REQUIRE_LICENSE", raising=False)
    status = check_feature_license("focus")
    assert not status.allowed
    assert status.message
    assert KEY not in status.message
    ensure_feature_license("focus")
    environment.setenv("REQUIRE_LICENSE", "1")
    with pytest.raises(SystemExit) as end:
        ensure_feature_license("focus")
    assert end.value.code == 1


def test_it_fails_when_the_gateway_is_down(agent: Agent) -> None:
    check_agent_fails(agent, f"http://127.0.0.1:{closed_port()}")


def test_it_fails_when_the_gateway_answers_html(agent: Agent, pretender: Pretender) -> None:
    with pretender(lambda request: send(request, 200, HTML, **{"Content-Type": "text/html"})) as url:
        check_agent_fails(agent, url)


@pytest.mark.parametrize("url", ["no-scheme", "http://", "http://[", "ftp://127.0.0.1", "http://host.invalid"])
def test_it_fails_when_the_gateways_url_leads_nowhere(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    check_fails(monkeypatch, url)


@pytest.mark.parametrize(
    "body",
    [
        HTML,
        b"",
        b"[]",
        b'"pro"',
        b"null",
        b"{}",
        b'{"plan": null}',
        b'{"plan": 3}',
        b'{"plan": ["enterprise"]}',
        b'{"plan": "gold"}',
        b'{"plan": "PRO"}',
        b"\xff\xfe",
        b"[" * 60_000,
        b'{"plan": "pro", "x": "' + b"a" * 100_000 + b'"}',
    ],
    ids=lambda body: body[:24].decode(errors="replace"),
)
def test_it_fails_on_an_answer_that_names_no_plan(
    monkeypatch: pytest.MonkeyPatch, pretender: Pretender, body: bytes
) -> None:
    with pretender(lambda request: send(request, 200, body)) as url:
        check_fails(monkeypatch, url)


@pytest.mark.parametrize("status", [204, 301, 401, 403, 404, 429, 500, 503])
def test_it_fails_on_any_status_but_200(monkeypatch: pytest.MonkeyPatch, pretender: Pretender, status: int) -> None:
    with pretender(lambda request: send(request, status, b'{"plan": "enterprise"}')) as url:
        check_fails(monkeypatch, url)


def test_it_does_not_carry_the_key_to_another_host(monkeypatch: pytest.MonkeyPatch, pretender: Pretender) -> None:
    met: list[str] = []

    def thief(request: BaseHTTPRequestHandler) -> None:
        met.append(str(request.headers["X-API-Key"]))
        send(request, 200, b'{"plan": "enterprise"}')

    with pretender(thief) as elsewhere, pretender(lambda r: send(r, 302, b"", Location=f"{elsewhere}/whoami")) as url:
        check_fails(monkeypatch, url)
    assert met == []


@pytest.mark.slow
def test_it_does_not_wait_for_a_gateway_that_trickles(monkeypatch: pytest.MonkeyPatch, pretender: Pretender) -> None:
    def trickle(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "1000")
        request.end_headers()
        for _ in range(120):
            try:
                request.wfile.write(b" ")
            except OSError:
                return
            time.sleep(0.5)

    with pretender(trickle) as url:
        monkeypatch.setenv("LICENSE_GATEWAY_URL", url)
        monkeypatch.setenv("LICENSE_API_KEY", KEY)
        assert check_feature_license("focus").reason is Reason.UNREACHABLE


@pytest.mark.parametrize("plan", ["free", "pro", "team", "enterprise"])
def test_it_ranks_the_plans(monkeypatch: pytest.MonkeyPatch, pretender: Pretender, plan: str) -> None:
    order = ("free", "pro", "team", "enterprise")
    monkeypatch.setenv("LICENSE_API_KEY", KEY)
    with pretender(lambda request: send(request, 200, json.dumps({"plan": plan}).encode())) as url:
        monkeypatch.setenv("LICENSE_GATEWAY_URL", url)
        for minimum in order:
            monkeypatch.setenv("LICENSE_MIN_PLAN_CLIPS", minimum)
            status = check_feature_license("clips")
            assert status.allowed is (order.index(plan) >= order.index(minimum))
            assert status.plan == plan
            assert status.minimum_plan == minimum
            assert status.reason is (Reason.LICENSED if status.allowed else Reason.PLAN_TOO_LOW)


@pytest.mark.parametrize("required", ["", "1"])
def test_it_ends_an_agent_that_misspells_its_feature(agent: Agent, required: str) -> None:
    done = agent("fokus", LICENSE_API_KEY=KEY, REQUIRE_LICENSE=required)
    assert (done.returncode, done.stdout) == (1, "")
    assert "There is no feature 'fokus'" in done.stderr


@pytest.mark.parametrize("required", ["", "1"])
def test_it_ends_an_agent_whose_minimum_plan_is_misspelt(agent: Agent, required: str) -> None:
    done = agent("clips", LICENSE_API_KEY=KEY, REQUIRE_LICENSE=required, LICENSE_MIN_PLAN_CLIPS="entreprise")
    assert (done.returncode, done.stdout) == (1, "")
    assert "LICENSE_MIN_PLAN_CLIPS is 'entreprise'" in done.stderr


@pytest.mark.parametrize("feature", ["", "Focus", "fokus", "focus ", "all", "FOCUS"])
@pytest.mark.parametrize("function", [check_feature_license, ensure_feature_license])
def test_it_treats_a_misspelt_feature_as_an_error(function: Callable[[str], object], feature: str) -> None:
    with pytest.raises(LicenseSettingError, match="There is no feature"):
        function(feature)


@pytest.mark.parametrize("feature", FEATURES)
@pytest.mark.parametrize("function", [check_feature_license, ensure_feature_license])
def test_it_treats_a_misspelt_plan_as_an_error(
    monkeypatch: pytest.MonkeyPatch, function: Callable[[str], object], feature: str
) -> None:
    monkeypatch.setenv(f"LICENSE_MIN_PLAN_{feature.upper()}", "entreprise")
    with pytest.raises(LicenseSettingError, match=f"LICENSE_MIN_PLAN_{feature.upper()} is 'entreprise'"):
        function(feature)


@pytest.mark.parametrize("value", ["1", "true", "yes", "TRUE", "Yes", " 1 "])
def test_it_is_required_by_the_words_of_the_contract(value: str) -> None:
    assert read_environment("focus", {"REQUIRE_LICENSE": value}).required


@pytest.mark.parametrize("value", ["", "0", "false", "no"])
def test_it_is_not_required_by_others(value: str) -> None:
    assert not read_environment("focus", {"REQUIRE_LICENSE": value}).required


def test_it_takes_an_empty_variable_as_unset() -> None:
    empty = dict.fromkeys(("LICENSE_GATEWAY_URL", "LICENSE_API_KEY", "LICENSE_MIN_PLAN_FOCUS"), "")
    found = read_environment("focus", {**empty, "API_GATEWAY_URL": "http://gateway:8010/"})
    assert (found.gateway, found.key, found.minimum_plan) == ("http://gateway:8010", "", "free")
    assert read_environment("focus", {}).gateway == "http://127.0.0.1:8010"


def test_it_runs_with_nothing_but_requests(tmp_path: Path) -> None:
    """Only requests and what it needs are on the path: neither Django nor the platform can be imported."""
    site = Path(requests.__file__).parents[1]
    wanted = ("requests", "urllib3", "idna", "certifi", "charset_normalizer")
    for found in site.iterdir():
        if found.name in wanted or "__mypyc" in found.name:
            (tmp_path / found.name).symlink_to(found)
    (tmp_path / "licensing").mkdir()
    (tmp_path / "licensing" / "client").symlink_to(ROOT / "licensing" / "client")
    program = (
        "import sys, licensing.client; print([m for m in sys.modules if m.split('.')[0] in ('django', 'moondev')])"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", program],
        env={"PATH": os.defpath, "PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
        text=True,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr
