"""None of the attacks gets anything, at any level that this machine offers, and each of them comes to an end."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy._core._multiarray_umath
import pytest

from backtests.sandbox import Job, Level, Outcome, probe
from backtests.sandbox.levels import ISOLATING
from backtests.sandbox.line import Line
from backtests.sandbox.warmth import ROOT
from tests.backtests.sandbox.attacks import ATTACKS
from tests.backtests.sandbox.attacks.attack import Attack

pytestmark = pytest.mark.slow

FOREIGN = "what another tenant earns"
SECRET = "MOONDEV_TEST_SECRET_KEY"
# Half of them sleep until they are stopped.
PARALLEL = 8
# The product promises an end two seconds after the limit; a test waits three times as long before it complains.
PROMISE, PATIENCE = 2, 3


@dataclass
class Prey:
    """What the attackers are after: files, servers, processes and a secret of this process."""

    folder: Path
    http: ThreadingHTTPServer
    unix: socket.socket
    visits: list[str]

    @property
    def payload(self) -> dict[str, object]:
        """Where everything is, as a well informed attacker would know it."""
        port = self.http.server_address[1]
        return {
            "foreign": str(self.folder / "foreign.csv"),
            "root": str(ROOT),
            "pid": os.getpid(),
            "secret_name": SECRET,
            "ports": [port, 5432, 6379, 8000, 8010],
            "url": f"http://127.0.0.1:{port}/",
            "library": numpy._core._multiarray_umath.__file__,
            "sockets": [
                str(self.folder / "socket"),
                "\0moondev-test",
                "/var/run/postgresql/.s.PGSQL.5432",
                "/run/docker.sock",
            ],
        }


@pytest.fixture(scope="module")
def prey() -> Iterator[Prey]:
    """Everything within reach of an ordinary user of this machine."""
    visits: list[str] = []

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            visits.append(self.path)
            self.send_error(404)

    folder = Path(tempfile.mkdtemp(prefix="moondev-prey-"))
    folder.chmod(0o777)
    (folder / "foreign.csv").write_text(FOREIGN)
    (folder / "foreign.csv").chmod(0o666)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder)
        http = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), Page))
        Thread(target=http.serve_forever, daemon=True).start()
        stack.callback(http.shutdown)
        unix = stack.enter_context(socket.socket(socket.AF_UNIX))
        unix.bind(str(folder / "socket"))
        unix.listen()
        unix.setblocking(False)
        os.environ[SECRET] = "the secret of this process"
        stack.callback(os.environ.pop, SECRET)
        yield Prey(folder, http, unix, visits)


@pytest.fixture(scope="module")
def outcomes(line: Line, prey: Prey) -> Mapping[tuple[Level, str], Outcome | None]:
    """What came of every attack at every level; None when it had not ended long after it should have."""
    line.warm_up()
    offered = [level for level, reason in probe().items() if not reason]
    tries = [(level, attack) for level in offered for attack in ATTACKS]
    with ThreadPoolExecutor(PARALLEL) as attackers:
        found = attackers.map(lambda pair: _attack(line, prey, *pair), tries)
        return {(level, attack.name): outcome for (level, attack), outcome in zip(tries, found, strict=True)}


def _attack(line: Line, prey: Prey, level: Level, attack: Attack) -> Outcome | None:
    payload = {**prey.payload, "source": attack.program, "zygote": line.zygote}
    started = line.start(Job("source", payload, {"bars": b"1,2,3"}, attack.limits), level)
    try:
        return started.wait(attack.limits.wall_sec + PATIENCE * PROMISE)
    except TimeoutError:
        started.cancel()
        return None


@pytest.mark.parametrize("level", ISOLATING.values(), ids=lambda level: level.label)
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name.replace(" ", "_"))
def test_it_withstands(outcomes: Mapping[tuple[Level, str], Outcome | None], level: Level, attack: Attack) -> None:
    if (level, attack.name) not in outcomes:
        pytest.skip(f"not tested at the level {level.label}, which this machine does not offer: {probe()[level]}")
    outcome = outcomes[level, attack.name]
    assert outcome, "it did not end"
    assert not outcome.document, "it got something"
    assert outcome.ended in attack.ends, outcome


def test_it_kept_everybody_else_unharmed(outcomes: object, prey: Prey, line: Line) -> None:
    assert (prey.folder / "foreign.csv").read_text() == FOREIGN
    assert sorted(path.name for path in prey.folder.iterdir()) == ["foreign.csv", "socket"]
    assert prey.visits == []
    with pytest.raises(BlockingIOError):
        prey.unix.accept()


def test_it_has_forty_attacks_and_more() -> None:
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS) >= 40
