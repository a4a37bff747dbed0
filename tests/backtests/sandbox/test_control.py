"""Who starts jobs keeps hold of them: order, cancelling, and what becomes of them when somebody dies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backtests.sandbox import Job, Level, Sandbox
from backtests.sandbox.inside.cgroups import PREFIX, trees
from backtests.sandbox.line import Line
from backtests.sandbox.warmth import ROOT
from tests.backtests.sandbox.asking import CANCEL_SECONDS, LIMITS, OFFERED, PATIENCE, STRONGEST, ran, started
from tests.backtests.sandbox.conftest import SOURCE

SLEEP = "import time\nsay('asleep')\ntime.sleep(600)"


@pytest.fixture(scope="module")
def own() -> Iterator[Sandbox]:
    """A sandbox that may be maltreated."""
    with Sandbox(level=STRONGEST, programs=SOURCE, load="nothing") as made:
        yield made


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    """Poll until it holds, for three times as long as is promised."""
    deadline = time.monotonic() + PATIENCE * seconds
    while not (held := holds()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return held


def children_of(pid: int | None) -> set[int]:
    return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def lives(pid: int) -> bool:
    """Whether there is such a process, and not only its remains."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("level", OFFERED, ids=lambda level: level.label)
def test_it_cancels_within_two_seconds(line: Line, level: Level) -> None:
    child = started(
        line, "import signal, threading\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\n" + SLEEP, level=level
    )
    assert within(10, lambda: child.progress() == ["asleep"])
    before = children_of(line.zygote)
    child.cancel()
    assert child.wait(PATIENCE * CANCEL_SECONDS).ended == "cancelled"
    assert before - children_of(line.zygote)


def test_it_cancels_what_has_not_begun_and_what_has_ended(line: Line) -> None:
    child = started(line, SLEEP)
    child.cancel()
    child.cancel()
    assert child.wait(PATIENCE * CANCEL_SECONDS).ended == "cancelled"
    over = started(line, "result = 1")
    over.wait()
    over.cancel()
    assert over.wait().document == 1


def test_it_asks_whether_a_run_is_still_wanted(own: Sandbox) -> None:
    said: list[object] = []
    outcome = own.run(
        Job("source", {"source": SLEEP}, limits=LIMITS), cancelled=lambda: bool(said), on_progress=said.append
    )
    assert (outcome.ended, said) == ("cancelled", ["asleep"])


def test_it_maps_in_order_and_side_by_side(own: Sandbox) -> None:
    sources = [f"import time; time.sleep({0.3 if number == 0 else 0}); result = {number}" for number in range(8)]
    jobs = (Job("source", {"source": source}, limits=LIMITS) for source in sources)
    assert [outcome.document for outcome in own.map(jobs, parallel=3)] == list(range(8))


def test_it_ends_what_nobody_waits_for(own: Sandbox) -> None:
    jobs = [Job("source", {"source": source}, limits=LIMITS) for source in ("result = 0", SLEEP, SLEEP)]
    outcomes = own.map(jobs, parallel=3)
    assert next(outcomes).document == 0
    outcomes.close()  # type: ignore[attr-defined]
    assert within(CANCEL_SECONDS, lambda: not children_of(own._line.zygote))


def test_it_starts_anew_when_its_zygote_has_died(own: Sandbox) -> None:
    child = own.start(Job("source", {"source": SLEEP}, limits=LIMITS))
    assert within(10, lambda: child.progress() == ["asleep"])
    zygote = own._line.zygote
    assert zygote is not None
    orphans = children_of(zygote)
    os.kill(zygote, signal.SIGKILL)
    outcome = child.wait(PATIENCE * CANCEL_SECONDS)
    assert (outcome.ended, outcome.error and outcome.error.kind) == ("crashed", "sandbox")
    assert within(CANCEL_SECONDS, lambda: not any(map(lives, orphans)))
    assert own.run(Job("source", {"source": "result = 2"}, limits=LIMITS)).document == 2


def test_it_gives_up_on_a_zygote_that_does_not_answer(own: Sandbox) -> None:
    child = own.start(Job("source", {"source": SLEEP}, limits=LIMITS))
    assert within(10, lambda: child.progress() == ["asleep"])
    zygote = own._line.zygote
    assert zygote is not None
    os.kill(zygote, signal.SIGSTOP)
    child._latest = time.monotonic()
    assert child.wait().ended == "crashed"
    assert own.run(Job("source", {"source": "result = 3"}, limits=LIMITS)).document == 3


def test_nothing_survives_who_started_it(tmp_path: Path) -> None:
    program = f"""
import json, sys, time
from backtests.sandbox import Job
from backtests.sandbox.line import Line
from tests.backtests.sandbox.asking import STRONGEST
line = Line({SOURCE!r}, load="nothing")
child = line.start(Job("source", {{"source": {SLEEP!r}}}), STRONGEST)
while not child.progress():
    time.sleep(0.01)
print(json.dumps(line.zygote), flush=True)
time.sleep(600)
"""
    owner = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    zygote = json.loads(owner.stdout.readline())
    everybody = {zygote, *children_of(zygote)}
    assert len(everybody) == 2
    owner.kill()
    owner.communicate()
    assert within(CANCEL_SECONDS, lambda: not any(map(lives, everybody)))


def test_a_fork_of_its_process_gets_a_zygote_of_its_own() -> None:
    line = Line(SOURCE, load="nothing")
    assert ran(line, "result = 4").document == 4
    ours = line.zygote
    if (pid := os.fork()) == 0:
        try:
            answer, theirs = ran(line, "result = 5").document, line.zygote
            line.close()
            os._exit(0 if answer == 5 and theirs != ours else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert ran(line, "result = 6").document == 6
    assert line.zygote == ours
    line.close()


def test_it_leaves_no_control_groups(line: Line) -> None:
    if not trees():
        pytest.skip("not tested: this process can make no control groups")
    child = started(line, SLEEP)
    assert within(10, lambda: child.progress() == ["asleep"])
    assert all(list(tree.folder.glob(f"{PREFIX}{line.zygote}-*")) for tree in trees())
    child.cancel()
    child.wait()
    assert not any(list(tree.folder.glob(f"{PREFIX}{line.zygote}-*")) for tree in trees())


def test_its_child_is_nobody(line: Line) -> None:
    if os.geteuid() != 0 or STRONGEST < Level.SETUID:
        pytest.skip("not tested: only root can give a child another user")
    child = started(line, SLEEP)
    assert within(10, lambda: child.progress() == ["asleep"])
    (pid,) = children_of(line.zygote)
    status = dict(entry.split(":\t", 1) for entry in Path(f"/proc/{pid}/status").read_text().splitlines())
    child.cancel()
    assert {int(uid) for uid in status["Uid"].split()} & {0, 65534} == set()
    assert [status[name] for name in ("CapEff", "CapPrm", "CapInh", "CapBnd", "CapAmb")] == ["0" * 16] * 5
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
