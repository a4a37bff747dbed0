"""The file system of a child in namespaces: the Python runtime to read, a private folder to write, and nothing else."""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Sequence
from contextlib import suppress

from backtests.sandbox.inside import kernel
from backtests.sandbox.inside.places import Places
from backtests.sandbox.job import Limits

RDONLY, NOSUID, NODEV, NOEXEC, REMOUNT, BIND, REC, PRIVATE = 1, 2, 4, 8, 32, 4096, 16384, 1 << 18
CLOSED = NOSUID | NODEV | NOEXEC
_AT_RECURSIVE, _AT_FDCWD = 0x8000, -100
_ATTR_RDONLY, _ATTR_NOSUID, _ATTR_NODEV = 1, 2, 4
# Somewhere to build the new root; it is this process's own view that changes.
SITE = "/tmp"  # noqa: S108
PRIVATE_FOLDER, SHARED_MEMORY = "/tmp", "/dev/shm"  # noqa: S108
DEVICES = ("/dev/null", "/dev/urandom")
DATA = "/data"
AT_ONCE = 1 << 24


def build_root(places: Places, limits: Limits, names: Sequence[str], files: Sequence[int]) -> None:
    """Replace the whole file system. The process has every capability in namespaces of its own."""
    # Held open first: the new root may be built over a place that one of them is in.
    sources = {path: os.open(path, os.O_PATH) for path in (*places.readable, *DEVICES)}
    held = [_same_file_here(file) for file in files]
    kernel.mount("", "/", "", REC | PRIVATE)
    _mount_tmpfs(SITE, "size=64k,nr_inodes=512,mode=755")
    os.makedirs(SITE + PRIVATE_FOLDER, exist_ok=True)
    # Before the runtime is shown, which may lie in a folder of this name.
    _mount_tmpfs(SITE + PRIVATE_FOLDER, f"size={limits.file_mb}m,nr_inodes=4096,mode=1777")
    for path, source in sources.items():
        _show(source, path, device=path in DEVICES)
    for path, target in places.links.items():
        _link(path, target)
    # Shared memory of Python and POSIX is files here.
    _link(SHARED_MEMORY, PRIVATE_FOLDER)
    _bring(names, files, held)
    for descriptor in (*sources.values(), *(file for file in held if file is not None)):
        os.close(descriptor)
    _enter(SITE)


def _enter(site: str) -> None:
    """Make this the root, let go of the old one, and shut the new one against changes."""
    os.chdir(site)
    kernel.pivot_root(".", ".")
    kernel.unmount_detached(".")
    os.chdir("/")
    kernel.mount("", "/", "", REMOUNT | BIND | RDONLY | CLOSED)
    os.chdir(PRIVATE_FOLDER)


def _mount_tmpfs(target: str, options: str) -> None:
    kernel.mount("tmpfs", target, "tmpfs", CLOSED, options)


def _show(source: int, path: str, *, device: bool = False) -> None:
    """A folder or file of outside, read-only at the same place inside."""
    target = SITE + path
    if os.path.isdir(f"/proc/self/fd/{source}"):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o444))
    kernel.mount(f"/proc/self/fd/{source}", target, "", BIND | REC)
    _shut(target, _ATTR_RDONLY | _ATTR_NOSUID | (0 if device else _ATTR_NODEV))


def _shut(target: str, attributes: int) -> None:
    """mount_setattr(2), for everything mounted below as well."""
    given = ctypes.create_string_buffer(struct.pack("=4Q", attributes, 0, 0, 0), 32)
    words = (ctypes.c_long(_AT_FDCWD), ctypes.c_char_p(os.fsencode(target)), _AT_RECURSIVE, ctypes.byref(given), 32)
    kernel.call(kernel.MOUNT_SETATTR, *words, what=f"mount_setattr {target}")


def _link(path: str, target: str) -> None:
    os.makedirs(os.path.dirname(SITE + path), exist_ok=True)
    with suppress(FileExistsError):
        os.symlink(target, SITE + path)


def _same_file_here(file: int) -> int | None:
    """The same file seen through this process's own mounts, which alone can be shown again.

    None if it has no path, or if not everybody may read it: the child is somebody else.
    """
    if not os.fstat(file).st_mode & stat.S_IROTH:
        return None
    with suppress(OSError):
        found = os.open(os.readlink(f"/proc/self/fd/{file}"), os.O_PATH)
        if os.path.samestat(os.fstat(found), os.fstat(file)):
            return found
        os.close(found)
    return None


def _bring(names: Sequence[str], files: Sequence[int], held: Sequence[int | None]) -> None:
    """The job's files below DATA: shown where they are, copied when they have no place."""
    size = sum(os.fstat(file).st_size for file, place in zip(files, held, strict=True) if place is None)
    os.mkdir(SITE + DATA, 0o755)
    _mount_tmpfs(SITE + DATA, f"size={size + 64 * 1024 + 4096 * len(files)},nr_inodes={len(files) + 8},mode=755")
    for name, file, place in zip(names, files, held, strict=True):
        if place is None:
            _copy(file, f"{SITE}{DATA}/{name}")
        else:
            _show(place, f"{DATA}/{name}")
    kernel.mount("", SITE + DATA, "", REMOUNT | BIND | RDONLY | CLOSED)


def _copy(file: int, target: str) -> None:
    copy = os.open(target, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o444)
    offset = 0
    while sent := os.sendfile(copy, file, offset, AT_ONCE):
        offset += sent
    os.close(copy)
