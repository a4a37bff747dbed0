"""Control groups of both versions, as far as files tell."""

from __future__ import annotations

from pathlib import Path

from backtests.sandbox import Limits
from backtests.sandbox.inside.cgroups import Group, Tree, candidates

LIMITS = Limits(memory_mb=100, processes=7)
ONE = ["5:memory:/docker/abc", "4:cpu,cpuacct:/", "3:pids:/docker/abc", "1:name=systemd:/", "0::/"]
ONE_MOUNTS = [
    "30 25 0:26 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory",
    "31 25 0:27 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct",
    "32 25 0:28 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids",
    "33 25 0:29 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd",
    "34 25 8:1 / / rw - ext4 /dev/sda1 rw",
]


def test_it_finds_its_own_groups_of_version_one() -> None:
    assert list(candidates(ONE, ONE_MOUNTS)) == [
        Tree(Path("/sys/fs/cgroup/memory"), ("memory",), 1),
        Tree(Path("/sys/fs/cgroup/cpu,cpuacct"), ("cpu",), 1),
        Tree(Path("/sys/fs/cgroup/pids/docker/abc"), ("pids",), 1),
    ]


def test_it_finds_its_own_group_of_version_two(tmp_path: Path) -> None:
    own = tmp_path / "user.slice" / "worker"
    own.mkdir(parents=True)
    (own / "cgroup.subtree_control").write_text("")
    mounts = [f"30 25 0:26 / {tmp_path} rw - cgroup2 cgroup2 rw,nsdelegate"]
    (tree,) = candidates(["0::/user.slice/worker"], mounts)
    # A file keeps the last word that was written; the kernel would answer with all three.
    assert (tree.folder, tree.version, tree.controllers) == (own, 2, ())
    assert (own / "cgroup.subtree_control").read_text() == "+cpu"


def test_it_limits_in_the_words_of_each_version() -> None:
    everything = ("memory", "pids", "cpu")
    one, two = (Tree(Path("/nowhere"), everything, version).settings(LIMITS) for version in (1, 2))
    assert one == {"memory.limit_in_bytes": 132 << 20, "pids.max": 7, "cpu.cfs_quota_us": 100_000}
    assert two == {"memory.max": 132 << 20, "memory.oom.group": 1, "pids.max": 7, "cpu.max": "100000 100000"}


def test_it_reads_what_became_of_the_memory(tmp_path: Path) -> None:
    group = Group((tmp_path,))
    assert (group.peak_mb(), group.out_of_memory()) == (None, False)
    (tmp_path / "memory.peak").write_text(f"{50 << 20}\n")
    (tmp_path / "memory.events").write_text("low 0\noom 1\noom_kill 0\n")
    assert (group.peak_mb(), group.out_of_memory()) == (50, False)
    (tmp_path / "memory.events").write_text("low 0\noom 1\noom_kill 2\n")
    assert group.out_of_memory()
