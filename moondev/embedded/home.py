"""Where the embedded servers live: their files, their sockets, their programs and the password."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

from moondev.embedded.account import Account

# sockaddr_un holds 108 bytes with the closing zero; the longest name here is PostgreSQL's.
LONGEST_SOCKET_PATH = 107
LONGEST_SOCKET_NAME = len("/.s.PGSQL.5432.lock")
# Where root keeps the servers' files when their own user cannot enter the data folder (a clone below /root).
SYSTEM_DIR = Path("/var/lib/moondev")


class EmbeddedError(Exception):
    """A server cannot run here: the text names the cause and the remedy."""


@dataclass(frozen=True)
class Home:
    """The place of one pair of servers; `embedded.json` (0600) in the data folder remembers it."""

    folder: Path
    sockets: Path
    password: str
    uid: int
    gid: int

    @staticmethod
    def exists(data_dir: Path) -> bool:
        return _record(data_dir).exists()

    @classmethod
    def find(cls, data_dir: Path) -> Home:
        """The pair's place; before its first start the place it would most likely get, without a password."""
        data_dir = data_dir.resolve()
        if not cls.exists(data_dir):
            folder = data_dir / "embedded"
            return cls(folder, _sockets_for(folder), "", os.geteuid(), os.getegid())
        stored = json.loads(_record(data_dir).read_text())
        return cls(**{**stored, "folder": Path(stored["folder"]), "sockets": Path(stored["sockets"])})

    @classmethod
    def prepare(cls, data_dir: Path) -> Home:
        """The pair's place with its folders made and owned by the servers' user."""
        data_dir = data_dir.resolve()
        if not cls.exists(data_dir):
            cls._settle(data_dir)._remember(data_dir)
        home = cls.find(data_dir)
        _make_private(home.folder, home.account)
        _make_private(home.sockets, home.account)
        return home

    @classmethod
    def _settle(cls, data_dir: Path) -> Home:
        account = Account.choose(data_dir)
        folder = data_dir / "embedded"
        if not account.can_enter(data_dir):
            folder = SYSTEM_DIR / _short_name(data_dir)
            SYSTEM_DIR.mkdir(mode=0o755, parents=True, exist_ok=True)
        return cls(folder, _sockets_for(folder), secrets.token_hex(24), account.uid, account.gid)

    def _remember(self, data_dir: Path) -> None:
        record = _record(data_dir)
        draft = record.with_suffix(".draft")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(asdict(self), file, default=str)
        draft.replace(record)

    @property
    def account(self) -> Account:
        """The servers' user: root becomes the one that was chosen when the pair was made."""
        return Account(self.uid, self.gid, dropped=os.geteuid() == 0)

    def programs(self, package: str, *parts: str, witness: str) -> Path:
        """The folder of a wheel's programs, copied where the servers' user can run them when it cannot enter .venv."""
        spec = find_spec(package)
        if spec is None or spec.origin is None:
            raise EmbeddedError(f"The Python package {package} is not installed: run pip install -r requirements.txt.")
        source = Path(spec.origin).parent
        if self.account.can_run(source.joinpath(*parts, witness)):
            return source.joinpath(*parts)
        return self._copy(source).joinpath(*parts)

    def _copy(self, source: Path) -> Path:
        copies = self.folder / "programs"
        # A wheel's shared libraries lie beside the package, and its programs look for them there.
        for folder in (source.with_name(source.name + ".libs"), source):
            if folder.exists() and not (copies / folder.name).exists():
                self._copy_folder(folder, copies / folder.name)
        return copies / source.name

    def _copy_folder(self, source: Path, copy: Path) -> None:
        draft = copy.with_name(copy.name + ".draft")
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(source, draft, ignore=shutil.ignore_patterns("include", "*.a", "*.py", "__pycache__"))
        self.account.own(copy.parent)
        draft.replace(copy)


@contextmanager
def only_one_at_a_time(data_dir: Path) -> Iterator[None]:
    """Keep two starts or stops of the same pair apart."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "embedded.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def wait_for(happened: Callable[[], bool], *, seconds: float) -> bool:
    """Poll until something has happened; False when the time is over."""
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def last_lines(log: Path, count: int = 5) -> str:
    """The end of a log, for an error message."""
    text = log.read_text(errors="replace") if log.exists() else ""
    return " / ".join(text.strip().splitlines()[-count:])


def _record(data_dir: Path) -> Path:
    return data_dir.resolve() / "embedded.json"


def _short_name(path: Path) -> str:
    return hashlib.sha256(str(path).encode()).hexdigest()[:16]


def _sockets_for(folder: Path) -> Path:
    sockets = folder / "sockets"
    if len(os.fsencode(sockets)) + LONGEST_SOCKET_NAME <= LONGEST_SOCKET_PATH:
        return sockets
    return Path(tempfile.gettempdir()) / f"moondev-{_short_name(folder)}"


def _make_private(folder: Path, account: Account) -> None:
    """A folder that only the servers' user may enter; refuses one that somebody else put there."""
    try:
        folder.mkdir(mode=0o700)
        account.own(folder)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid:
            raise EmbeddedError(
                f"{folder} belongs to another user: remove it, or set DATA_DIR to a folder of your own."
            ) from None
        folder.chmod(0o700)
