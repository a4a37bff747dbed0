"""What `make` says when it cannot make .venv, and that it installs once."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement

from moondev.up import install

LIST = "requirements.txt"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A project with one requirement."""
    (tmp_path / LIST).write_text("nowhere==1\n")
    return tmp_path


@pytest.fixture
def installer(clone: Path) -> ModuleType:
    """The file as it lies in that project: it works on the folders around it."""
    path = clone / "moondev" / "up" / "install.py"
    path.parent.mkdir(parents=True)
    shutil.copy(install.__file__, path)
    spec = importlib.util.spec_from_file_location("installer", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def python(clone: Path, script: str) -> None:
    """An interpreter in .venv that does what a script says."""
    path = clone / ".venv" / "bin" / "python"
    path.parent.mkdir(parents=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_it_names_a_python_that_is_too_old(installer: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 4, "final", 0))
    monkeypatch.setattr(sys, "version", "3.10.4 (main)")
    said = installer.main([LIST])
    assert "this is Python 3.10.4" in said
    assert "`make PYTHON=python3.12`" in said


def test_it_can_be_read_by_a_python_that_is_too_old() -> None:
    """Some systems still bring 3.6: it knows no later annotations, neither here nor as they are evaluated."""
    tree = ast.parse(Path(install.__file__).read_text(), feature_version=(3, 6))
    arguments = [node.annotation for node in ast.walk(tree) if isinstance(node, ast.arg)]
    assert not [one for one in arguments if isinstance(one, ast.Subscript | ast.BinOp)]
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "__future__"]


def test_it_names_a_folder_that_cannot_be_written(installer: ModuleType, clone: Path) -> None:
    (clone / ".venv").touch()
    said = installer.main([LIST])
    assert f"{clone / '.venv'} cannot be written" in said
    assert "work in a folder of your own" in said


def test_it_shows_why_nothing_could_be_installed(installer: ModuleType, clone: Path) -> None:
    python(clone, "echo 'ERROR: No matching distribution found for nowhere==1'; exit 1")
    said = installer.main([LIST])
    assert "No matching distribution found for nowhere==1" in said
    assert "check the network, the disk and PIP_INDEX_URL" in said


def test_it_installs_wheels_only_and_only_once(installer: ModuleType, clone: Path) -> None:
    python(clone, f'echo "$@" >> "{clone}/calls"')
    assert (installer.main([LIST]), installer.main([LIST])) == ("", "")
    calls = (clone / "calls").read_text().splitlines()
    assert len(calls) == 2
    assert f"--no-compile --only-binary :all: -r {clone / LIST}" in calls[0]
    assert calls[1].startswith("-m compileall -q -j 0 ")
    assert calls[1].endswith(f" {clone / '.venv' / 'lib'}")


def test_it_compiles_what_is_loaded_and_minds_no_file_that_is_none(installer: ModuleType, clone: Path) -> None:
    library = clone / ".venv" / "lib" / "python" / "site-packages"
    (library / "pandas" / "tests").mkdir(parents=True)
    (library / "good.py").write_text("x = 1\n")
    (library / "bad.py").write_text("from  import x\n")
    (library / "pandas" / "tests" / "test_pandas.py").write_text("x = 1\n")
    python(clone, f'[ "$2" != compileall ] || exec "{sys.executable}" "$@"')
    assert installer.main([LIST]) == ""
    assert [path.name.partition(".")[0] for path in library.rglob("__pycache__/*")] == ["good"]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_it_wants_nothing_of_a_newer_python_that_has_no_wheel_there(name: str) -> None:
    """What ccxt itself leaves out above 3.13 may not be pinned for it."""
    lines = (install.ROOT / name).read_text().splitlines()
    pinned = next(Requirement(line) for line in lines if line.startswith("coincurve=="))
    assert pinned.marker
    assert [pinned.marker.evaluate({"python_version": version}) for version in ("3.13", "3.14")] == [True, False]


def test_it_installs_again_what_has_changed(installer: ModuleType, clone: Path) -> None:
    python(clone, f'echo "$@" >> "{clone}/calls"')
    (clone / ".venv" / "installed-requirements").write_text(hashlib.sha256(b"elsewhere==1\n").hexdigest())
    assert installer.main([LIST]) == ""
    assert (clone / "calls").exists()
