"""The one way out: every address that a customer can influence is called from here.

https only; no redirect is followed; the name is resolved once, every address it has must be public, and the connection
goes to the very address that was checked, so a name that changes its mind between two look-ups (DNS rebinding) gains
nothing. One deadline covers connecting, sending and reading. Nothing is repeated: whoever calls knows whether a repeat
does harm, and decides by `Failed.may_have_arrived`.

OUTBOUND_ROUTES leads hosts to stand-ins in development and tests (`discord.com=127.0.0.1:9001`), over plain http; what
checks an address still sees the host that the customer gave.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import json as json_lib
import socket
import ssl
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import SplitResult, urlsplit

import certifi
from django.conf import settings

from moondev.lib.addresses import is_public, parse_address

LONGEST_URL = 2000
# Seconds for one of a host's addresses, so that a dead one leaves time for the next.
CONNECT_SECONDS = 4.0
AGENT = "MoonDev/2 (+https://moondev.example)"
Resolve = Callable[..., list[Any]]


class HttpError(Exception):
    """There was no answer. The message is for the customer and holds no secret."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Refused(HttpError):
    """We do not call this address, now or later; nothing was sent."""


class Failed(HttpError):
    """The other side could not be reached or did not answer in time; another time it may."""

    def __init__(self, message: str, *, may_have_arrived: bool) -> None:
        super().__init__(message)
        self.may_have_arrived = may_have_arrived


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said. Header names are in lower case; `is_cut`: the body was longer than was asked for."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_cut: bool = False

    def json(self) -> Any:
        """The body as JSON; None when it is something else."""
        try:
            return json_lib.loads(self.body)
        except ValueError:
            return None


def send(
    method: str,
    url: str,
    *,
    json: Any = None,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = 10.0,
    most_bytes: int = 64 * 1024,
    allow_hosts: Collection[str] | None = None,
) -> Answer:
    """Make one request and return the answer, whatever its status. Raises Refused and Failed.

    `timeout` is for all of it, in seconds. `allow_hosts`: the only hosts that may be called, spelled exactly.
    """
    parts = check_url(url, allow_hosts=allow_hosts)
    content = body if json is None else json_lib.dumps(json, separators=(",", ":")).encode()
    given = {"User-Agent": AGENT, "Host": parts.netloc, "Accept": "*/*", "Accept-Encoding": "identity"}
    given |= {} if json is None else {"Content-Type": "application/json"}
    line = _Line(parts, time.monotonic() + timeout)
    try:
        line.connect()
        line.request(method, _target_of(parts), content, given | dict(headers or {}))
        return _read(line.getresponse(), most_bytes)
    except (OSError, http.client.HTTPException) as error:
        raise Failed(_why(error, timeout), may_have_arrived=line.is_connected) from error
    finally:
        line.hang_up()


def check_url(url: str, *, allow_hosts: Collection[str] | None = None) -> SplitResult:
    """The parts of an address that may be called as far as its text tells. Raises Refused with what is wrong."""
    parts = _parts(url)
    host = parts.hostname or ""
    if parts.scheme != "https" and not (parts.scheme == "http" and _route(host)):
        raise Refused("The address must begin with https://.")
    if not host or "@" in parts.netloc:
        raise Refused("The address must name a host, and no user or password.")
    if allow_hosts is not None and parts.netloc.lower() not in allow_hosts:
        raise Refused(f"The address must be at {' or '.join(sorted(allow_hosts))}.")
    literal = parse_address(host)
    if literal is not None and not is_public(literal) and not _route(host):
        raise Refused("The address leads to a private network.")
    return parts


def public_addresses(host: str, port: int, *, resolve: Resolve = socket.getaddrinfo) -> list[Any]:
    """What the resolver has for a host, as it gives it. Raises Refused when any of it is not public, and OSError."""
    found = resolve(host, port, type=socket.SOCK_STREAM)
    for *_, place in found:
        address = parse_address(str(place[0]))
        if address is None or not is_public(address):
            raise Refused("The address leads to a private network.")
    return found


def _parts(url: str) -> SplitResult:
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise Refused("The address is no URL.")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise Refused("The address is no URL.") from None
    return parts


def _target_of(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _route(host: str) -> str:
    """Where a host really is, as `address:port`; empty for all but stand-ins."""
    routes: Mapping[str, str] = settings.OUTBOUND_ROUTES
    return routes.get(host.lower(), "")


def _why(error: Exception, timeout: float) -> str:
    """What went wrong, for people: an exception's own text may hold what it should not."""
    if isinstance(error, TimeoutError):
        return f"There was no answer within {timeout:g} seconds."
    if isinstance(error, socket.gaierror):
        return "The host is not known."
    if isinstance(error, ssl.SSLError):
        return "No secure connection came about; its certificate may be wrong."
    if isinstance(error, ConnectionRefusedError):
        return "The connection was refused."
    return "The connection broke."


def _read(response: http.client.HTTPResponse, most_bytes: int) -> Answer:
    body = response.read(most_bytes + 1)
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, body[:most_bytes], len(body) > most_bytes)


class _Line(http.client.HTTPConnection):
    """One request's connection: to a checked address, with one deadline for all that happens on it."""

    def __init__(self, parts: SplitResult, deadline: float) -> None:
        self._name, self._tls = parts.hostname or "", parts.scheme == "https"
        self._at = parts.port or (443 if self._tls else 80)
        super().__init__(self._name, self._at)
        self._deadline = deadline
        self._socket: socket.socket | None = None
        self.is_connected = False

    def connect(self) -> None:
        route = _route(self._name)
        plain = self._to(_places(route)) if route else self._to(public_addresses(self._name, self._at))
        self._socket = plain
        if self._tls and not route:
            self._socket = _trust().wrap_socket(plain, server_hostname=self._name)
        self.is_connected = True
        self.sock = _Timed(self._socket, self._deadline)

    def hang_up(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()

    def _to(self, places: list[Any]) -> socket.socket:
        """The first of a host's addresses that takes the connection. Raises what the last one said."""
        failed: OSError = ConnectionRefusedError()
        for family, kind, protocol, _, place in places:
            found = socket.socket(family, kind, protocol)
            try:
                found.settimeout(min(CONNECT_SECONDS, _left(self._deadline)))
                found.connect(place)
            except OSError as error:
                found.close()
                failed = error
            else:
                found.settimeout(_left(self._deadline))
                return found
        raise failed


class _Timed(io.RawIOBase):
    """A socket for http.client on which every wait ends at the deadline, so that a trickle of bytes holds nobody."""

    def __init__(self, connected: socket.socket, deadline: float) -> None:
        self._socket, self._deadline = connected, deadline

    def sendall(self, data: Any) -> None:
        self._socket.settimeout(_left(self._deadline))
        self._socket.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Timed(self._socket, self._deadline))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._socket.settimeout(_left(self._deadline))
        return self._socket.recv_into(buffer)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _places(route: str) -> list[Any]:
    host, _, port = route.rpartition(":")
    return socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)


@lru_cache(maxsize=1)
def _trust() -> ssl.SSLContext:
    """The system's authorities and certifi's: slim images have no list of their own."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
