"""`make up`: one table, everything answers, nothing is left behind."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from moondev.embedded.account import Account
from moondev.up import prepare
from moondev.up.house import PORTS, House
from moondev.up.trouble import Trouble
from tests.house.processes import PATIENCE_SECONDS, assert_nothing_is_left, processes_of

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
Up = subprocess.Popen[str]
Start = Callable[..., Up]


def free_ports() -> dict[str, str]:
    """A free port for each service, as the variables that name them."""
    with contextlib.ExitStack() as probes:
        found = {}
        for name in PORTS:
            probe = probes.enter_context(socket.create_server(("127.0.0.1", 0)))
            found[f"{name.upper()}_PORT"] = str(probe.getsockname()[1])
        return found


@pytest.fixture(scope="module")
def data_dir(open_folder: Path) -> Path:
    """One data folder for all, with a name that shells trip over; the first test migrates it, the others find it so."""
    return open_folder / "one's data"


@pytest.fixture
def start(data_dir: Path) -> Iterator[Start]:
    """Starts `make up` without make; whatever a test does with it, it is gone afterwards."""
    started: list[Up] = []

    def run(*before: str, **changes: str) -> Up:
        carried = {name: os.environ[name] for name in ("PATH", "HOME", "TEST_PAIR_DIR") if name in os.environ}
        process = subprocess.Popen(
            [*before, sys.executable, "-m", "moondev.up"],
            cwd=ROOT,
            env={**carried, "DATA_DIR": str(data_dir), **free_ports(), **changes},
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    assert_nothing_is_left(data_dir)


@pytest.fixture
def prepared(start: Start, data_dir: Path) -> None:
    """A folder in which everything has been up before, as other tests leave it."""
    if not all((data_dir / name).exists() for name in ("stocked", "stripe-sandbox.json")):
        table_of(up := start())
        end(up, signal.SIGINT)


def end(up: Up, number: signal.Signals) -> int:
    """Signal it, and it alone; its exit code."""
    os.kill(up.pid, number)
    up.communicate()
    return up.returncode


def refusal(up: Up) -> str:
    """The one line of a start that is refused."""
    output, errors = up.communicate(timeout=PATIENCE_SECONDS)
    assert (up.returncode, output, errors.count("\n")) == (1, "", 1)
    return errors


def table_of(up: Up) -> str:
    """What is printed, up to its last line."""
    lines: list[str] = []
    assert up.stdout is not None
    for line in up.stdout:
        lines.append(line)
        if line.startswith("Ctrl-C"):
            return "".join(lines)
    assert up.stderr is not None
    raise AssertionError(f"no table: {''.join(lines)}{up.stderr.read()}")


def await_postgres(data_dir: Path) -> None:
    """The first process that a start brings; everything else comes after it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not any("postgres" in line for line in processes_of(data_dir)) and time.monotonic() < deadline:
        time.sleep(0.02)


def get(url: str, **headers: str) -> tuple[int, str]:
    request = urllib.request.Request(url, headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.status, answer.read().decode()


def manage(data_dir: Path, *command: str) -> None:
    """One of the product's commands, beside what is up."""
    environment = {"PATH": os.defpath, "DATA_DIR": str(data_dir), "DEBUG": "1"}
    subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True, capture_output=True)


def demo(name: str, **variables: str) -> str:
    """What the demo client prints, run as anybody runs it."""
    command = [sys.executable, str(ROOT / "demos" / "demo_billing_gateway_client.py"), name]
    environment = {"PATH": os.defpath, "NO_PROXY": "*", **variables}
    return subprocess.run(command, env=environment, text=True, capture_output=True, timeout=60, check=True).stdout


def sold(stripe: str) -> list[dict[str, str]]:
    """The prices that the sandbox has."""
    body = get(f"{stripe}/v1/prices?limit=100", Authorization="Bearer sk_test_sandbox")[1]
    return list(json.loads(body)["data"])


def assert_every_line_works(table: str) -> None:
    addresses = dict(
        re.findall(r"^  (Gateway|Billing|Alerts|Dashboard) +(http://127\.0\.0\.1:\d+)$", table, re.MULTILINE)
    )
    assert set(addresses) == {"Gateway", "Billing", "Alerts", "Dashboard"}
    assert {get(f"{address}/ready")[0] for address in addresses.values()} == {200}
    assert "demo@example.com" in table
    stripe = re.search(r"^  Stripe +(http://127\.0\.0\.1:\d+)  \(sandbox; pay with 4242", table, re.MULTILINE)
    assert stripe
    assert "no money moves" in get(stripe[1])[1]
    assert {row["lookup_key"] for row in sold(stripe[1])} >= {"pro_month", "team_year", "alerts-10_month"}
    curl = shlex.split(next(line for line in table.splitlines() if line.startswith("curl ")))
    name, _, key = curl[2].partition(": ")
    status, body = get(curl[3], **{name: key})
    assert status == 200
    assert body.startswith("symbol,side,")
    assert len(body.splitlines()) == 6
    assert '"plan":"free"' in get(f"{addresses['Gateway']}/whoami", **{name: key})[1].replace(" ", "")
    assert f"\n{stripe[1]}/" in demo("checkout", BILLING_BASE_URL=addresses["Billing"])
    assert "on the plan free" in demo("gateway", GATEWAY_BASE_URL=addresses["Gateway"], GATEWAY_API_KEY=key)


def test_it_prints_one_table_whose_every_line_works_and_leaves_nothing_after(start: Start, data_dir: Path) -> None:
    table = table_of(up := start())
    assert_every_line_works(table)
    line = refusal(start())
    assert f"another `make up` works in {data_dir}" in line
    assert "set DATA_DIR" in line
    assert end(up, signal.SIGINT) == 130
    assert_nothing_is_left(data_dir)


def test_it_does_no_work_twice_and_leaves_nothing_after(start: Start, data_dir: Path, prepared: None) -> None:
    key = json.loads((data_dir / "demo.json").read_text())["key"]
    logs = [data_dir / "logs" / name for name in ("prepare.log", "stock.log")]
    written = [log.stat().st_mtime_ns for log in logs]
    table = table_of(up := start())
    assert [log.stat().st_mtime_ns for log in logs] == written
    assert re.findall(r"^  Demo key +(\S+)$", table, re.MULTILINE) == [key]
    assert end(up, signal.SIGTERM) == 143
    assert_nothing_is_left(data_dir)


def test_it_leaves_nothing_after_a_kill_of_its_parent_at_the_start(start: Start, data_dir: Path) -> None:
    shell = start("/bin/sh", "-c", '"$@"; exit 0', "sh")
    await_postgres(data_dir)
    os.kill(shell.pid, signal.SIGKILL)
    assert_nothing_is_left(data_dir)


def test_it_leaves_nothing_after_a_kill_at_the_start(start: Start, data_dir: Path) -> None:
    up = start()
    await_postgres(data_dir)
    os.kill(up.pid, signal.SIGKILL)
    assert_nothing_is_left(data_dir)


def test_it_stops_all_when_one_dies_and_shows_why(start: Start, data_dir: Path, prepared: None) -> None:
    broken = start(GATEWAY_MAX_PROCESSES="many")
    _, errors = broken.communicate(timeout=PATIENCE_SECONDS)
    assert broken.returncode == 1
    assert "GATEWAY_MAX_PROCESSES" in errors
    assert "has ended, so everything was stopped" in errors
    assert_nothing_is_left(data_dir)


def test_it_names_a_port_in_use(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        line = refusal(start(BILLING_PORT=port))
    assert port in line
    assert "BILLING_PORT" in line


def test_it_names_the_sandboxs_port_in_use(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        line = refusal(start(STRIPE_PORT=port))
    assert f"port {port} for stripe" in line
    assert "set STRIPE_PORT" in line


def test_it_names_the_service_that_the_sandbox_shares_a_port_with(start: Start) -> None:
    port = next(iter(free_ports().values()))
    assert "two services have the same port" in refusal(start(STRIPE_PORT=port, BILLING_PORT=port))


def test_it_plays_no_stripe_where_a_key_of_stripes_is(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        # The sandbox's port is in use, and nobody minds.
        up = start(STRIPE_SECRET_KEY="sk_test_of_an_account", STRIPE_PORT=str(taken.getsockname()[1]))
        table = table_of(up)
    assert re.search(r"^  Stripe +the account of STRIPE_SECRET_KEY$", table, re.MULTILINE)


def test_it_fills_a_sandbox_that_was_emptied_and_leaves_nothing_after_a_kill_of_its_parent(
    start: Start, data_dir: Path, prepared: None
) -> None:
    (data_dir / "stripe-sandbox.json").unlink()
    # The shell stands for make; it has something to do afterwards, so it stays the parent.
    shell = start("/bin/sh", "-c", '"$@"; exit 0', "sh")
    stripe = re.search(r"^  Stripe +(\S+)", table_of(shell), re.MULTILINE)
    assert stripe
    assert "pro_month" in {row["lookup_key"] for row in sold(stripe[1])}
    os.kill(shell.pid, signal.SIGKILL)
    assert_nothing_is_left(data_dir)


def test_it_starts_programs_at_any_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/home/o'neill/my python/bin/python")
    programs = House.from_environment({"DATA_DIR": str(tmp_path / "my data")}).programs()
    # What the shell runs in the end stands after its only `exec`.
    assert {shlex.split(program.command.rpartition("exec ")[2])[0] for program in programs} == {sys.executable}


def test_it_says_why_a_part_of_the_start_failed(tmp_path: Path) -> None:
    house = House(tmp_path, {}, frozenset())
    with pytest.raises(Trouble, match=r"the sandbox cannot be filled \(.*No module named nowhere\): read .*stock.log"):
        prepare.call(house, "nowhere", log="stock", failure="the sandbox cannot be filled")


def test_it_names_a_port_that_is_none(start: Start) -> None:
    assert "BILLING_PORT is 'http'" in refusal(start(BILLING_PORT="http"))


def test_it_makes_a_new_key_when_the_printed_one_was_revoked_and_leaves_nothing_after_its_own_kill(
    start: Start, data_dir: Path, prepared: None
) -> None:
    table = table_of(up := start())
    old = json.loads((data_dir / "demo.json").read_text())["key"]
    gateway = re.findall(r"^  Gateway +(\S+)$", table, re.MULTILINE)[0]
    manage(data_dir, "keys", "revoke", "1")
    with pytest.raises(urllib.error.HTTPError, match="403"):
        get(f"{gateway}/whoami", **{"X-API-Key": old})
    os.kill(up.pid, signal.SIGKILL)
    assert_nothing_is_left(data_dir)
    table = table_of(start())
    new = re.findall(r"^  Demo key +(\S+)$", table, re.MULTILINE)[0]
    gateway = re.findall(r"^  Gateway +(\S+)$", table, re.MULTILINE)[0]
    assert new != old
    assert get(f"{gateway}/whoami", **{"X-API-Key": new})[0] == 200


def test_it_names_a_folder_it_cannot_write(start: Start, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    line = refusal(start(DATA_DIR=str(tmp_path / "file" / "data")))
    assert str(tmp_path / "file") in line
    assert "set DATA_DIR" in line


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user runs these tests already")
def test_it_runs_as_an_ordinary_user(open_folder: Path) -> None:
    folder = open_folder / "ordinary"
    folder.mkdir()
    os.chown(folder, 65534, 65534)
    if not Account(65534, 65534, dropped=True).can_run(Path(sys.executable)):
        pytest.skip("this Python can only be run by root")
    up = subprocess.Popen(
        [sys.executable, "-m", "moondev.up"],
        cwd=ROOT,
        env={"PATH": os.defpath, "HOME": str(folder), "DATA_DIR": str(folder / "data"), **free_ports()},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        user=65534,
        group=65534,
        extra_groups=[],
    )
    try:
        assert "Demo key" in table_of(up)
    finally:
        up.terminate()
        up.communicate()
    assert_nothing_is_left(folder / "data")
