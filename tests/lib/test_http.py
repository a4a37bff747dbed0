"""The one way out: what is called, what is refused, and how long it takes at the most."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from moondev.lib import http
from moondev.lib.addresses import is_public, parse_address
from tests.fakes.taker import Reply, Taker, reply

STAND_IN = "service.example"


@pytest.fixture
def taker(settings: Settings) -> Iterator[Taker]:
    with Taker() as found:
        settings.OUTBOUND_ROUTES = {STAND_IN: found.place}
        yield found


def url(path: str = "/in?a=1") -> str:
    return f"https://{STAND_IN}{path}"


def test_it_sends_json_and_returns_the_answer(taker: Taker) -> None:
    taker.next = [reply(201, {"id": 7}, X_Thing="yes")]
    answer = http.send("POST", url(), json={"name": "Ω"}, headers={"X-Own": "1"})
    (request,) = taker.requests
    assert (request.method, request.path, request.json) == ("POST", "/in?a=1", {"name": "Ω"})
    assert (request.headers["host"], request.headers["x-own"]) == (STAND_IN, "1")
    assert request.headers["content-type"] == "application/json"
    assert (answer.status, answer.json(), answer.headers["x-thing"]) == (201, {"id": 7}, "yes")


def test_it_returns_failures_as_answers_and_repeats_nothing(taker: Taker) -> None:
    taker.next = [reply(503)]
    assert http.send("POST", url(), body=b"x").status == 503
    assert len(taker.requests) == 1


def test_it_follows_no_redirect(taker: Taker) -> None:
    taker.next = [reply(302, Location="http://127.0.0.1:1/metadata")]
    assert http.send("GET", url()).status == 302
    assert len(taker.requests) == 1


def test_it_reads_no_more_than_it_was_told(taker: Taker) -> None:
    taker.next = [Reply(200, b"x" * 5000), Reply(200, b"x" * 100)]
    cut, whole = http.send("GET", url(), most_bytes=100), http.send("GET", url(), most_bytes=100)
    assert (len(cut.body), cut.is_cut) == (100, True)
    assert (len(whole.body), whole.is_cut) == (100, False)


def test_it_says_that_a_request_may_have_arrived_when_no_answer_came(taker: Taker) -> None:
    taker.next = [Reply(hangs=30), Reply(resets=True)]
    for words in ("There was no answer within 0.2 seconds.", "The connection broke."):
        with pytest.raises(http.Failed, match=words) as failed:
            http.send("POST", url(), timeout=0.2)
        assert failed.value.may_have_arrived


def test_it_says_that_nothing_arrived_when_nobody_listens(settings: Settings) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        settings.OUTBOUND_ROUTES = {STAND_IN: f"127.0.0.1:{probe.getsockname()[1]}"}
        with pytest.raises(http.Failed, match="The connection was refused") as failed:
            http.send("POST", url())
    assert not failed.value.may_have_arrived


def test_it_is_not_held_by_a_trickle_of_bytes(settings: Settings) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    settings.OUTBOUND_ROUTES = {STAND_IN: f"127.0.0.1:{listener.getsockname()[1]}"}
    ended = threading.Event()

    def drip() -> None:
        connection, _ = listener.accept()
        while not ended.wait(0.05):
            try:
                connection.sendall(b"H")
            except OSError:
                return

    threading.Thread(target=drip, daemon=True).start()
    with pytest.raises(http.Failed):
        http.send("GET", url(), timeout=0.5)
    ended.set()
    listener.close()


@pytest.mark.parametrize(
    "address",
    [
        "http://service.example/",
        "ftp://service.example/",
        "https://",
        "https:///path",
        "https://user:pass@discord.com/",
        "https://discord.com:99999/",
        "https://discord.com/a b",
        "https://discord.com\\@evil.example/",
        "https://dis\ncord.com/",
        "https://[::1",
        "https://" + "a" * 3000,
        "//discord.com/",
        "",
    ],
)
def test_it_refuses_what_is_no_address_to_call(address: str) -> None:
    with pytest.raises(http.Refused):
        http.check_url(address)


@pytest.mark.parametrize(
    "address", ["https://discord.com.evil.example/", "https://evil.example/", "https://discord.com:8443/"]
)
def test_it_calls_only_the_hosts_that_are_allowed(address: str) -> None:
    with pytest.raises(http.Refused, match=r"discord\.com"):
        http.check_url(address, allow_hosts={"discord.com"})


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.100.100.200",
        "168.63.129.16",
        "0.0.0.0",  # noqa: S104
        "224.0.0.1",
        "255.255.255.255",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:a9fe:a9fe]",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[::127.0.0.1]",
        "[ff02::1]",
        # Spellings that only the resolver understands.
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "localhost",
    ],
)
def test_it_calls_nothing_in_a_private_network(host: str, settings: Settings) -> None:
    """A real server listens on that port of this machine, and is not reached."""
    settings.OUTBOUND_ROUTES = {}
    with Taker() as taker:
        port = taker.place.rpartition(":")[2]
        with pytest.raises(http.Refused, match="private network"):
            http.send("GET", f"https://{host}:{port}/", timeout=5)
        assert taker.requests == []


@pytest.mark.parametrize("text", ["1.1.1.1", "2606:4700::1111", "64:ff9b::101:101", "::ffff:8.8.8.8", "2002:808:808::"])
def test_it_lets_public_addresses_through(text: str) -> None:
    address = parse_address(text)
    assert address is not None
    assert is_public(address)


def place(address: str) -> tuple[Any, ...]:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return family, socket.SOCK_STREAM, 6, "", (address, 443)


def test_it_refuses_a_name_that_has_one_private_address_among_others() -> None:
    with pytest.raises(http.Refused):
        http.public_addresses("mixed.example", 443, resolve=lambda *_, **__: [place("1.1.1.1"), place("10.0.0.1")])


def test_it_asks_for_a_name_once_and_connects_to_what_it_checked() -> None:
    """A name that changes its mind after the check (DNS rebinding) is not asked again."""
    answers = iter([[place("93.184.215.14")], [place("127.0.0.1")]])
    asked: list[str] = []

    def resolve(host: str, port: int, **_: object) -> list[Any]:
        asked.append(host)
        return next(answers)

    found = http.public_addresses("rebinding.example", 443, resolve=resolve)
    assert [entry[4][0] for entry in found] == ["93.184.215.14"]
    assert asked == ["rebinding.example"]
