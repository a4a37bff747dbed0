"""Who runs the servers: the present user, or, as root, an unprivileged user of their own."""

from __future__ import annotations

import os
import pwd
import subprocess
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# User ids that neither Debian nor systemd hands out: nothing else on the machine has one of them.
OWN_UIDS = range(64_600, 65_000)


@dataclass(frozen=True)
class Account:
    """The user and group of the servers. `dropped`: root starts them and gives its rights up for them."""

    uid: int
    gid: int
    dropped: bool

    @classmethod
    def choose(cls, data_dir: Path) -> Account:
        """The same data folder always gets the same account."""
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid(), dropped=False)
        taken = {entry.pw_uid for entry in pwd.getpwall()}
        free = [uid for uid in OWN_UIDS if uid not in taken]
        uid = free[zlib.crc32(str(data_dir).encode()) % len(free)]
        return cls(uid, uid, dropped=True)

    @classmethod
    def with_a_name(cls) -> Account:
        """An account that initdb accepts: it refuses to run as a user without a name."""
        nobody = pwd.getpwnam("nobody")
        return cls(nobody.pw_uid, nobody.pw_gid, dropped=True)

    def has_a_name(self) -> bool:
        try:
            return bool(pwd.getpwuid(self.uid).pw_name)
        except KeyError:
            return False

    def options(self) -> dict[str, Any]:
        """Keyword arguments for subprocess: this user, no extra groups, files for this user only."""
        options: dict[str, Any] = {"umask": 0o077, "env": {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}}
        if self.dropped:
            options |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return options

    def can_enter(self, folder: Path) -> bool:
        """Whether this user gets into a folder, asked of the system itself rather than read from mode bits."""
        command = ["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)]
        return subprocess.run(command, **self.options(), capture_output=True, check=False).returncode == 0

    def can_run(self, program: Path) -> bool:
        command = ["/bin/sh", "-c", 'test -r "$1" && test -x "$1"', "sh", str(program)]
        return subprocess.run(command, **self.options(), capture_output=True, check=False).returncode == 0

    def own(self, folder: Path) -> None:
        """Give a folder and all within to this user."""
        if not self.dropped:
            return
        os.chown(folder, self.uid, self.gid)
        for parent, folders, files in os.walk(folder):
            for name in folders + files:
                os.chown(os.path.join(parent, name), self.uid, self.gid, follow_symlinks=False)
