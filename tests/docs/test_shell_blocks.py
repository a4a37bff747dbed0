"""Shell blocks of the documentation are shell, and name targets and commands that exist."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCKS = [
    pytest.param(block, id=f"{page.name}-{number}")
    for page in PAGES
    for number, block in enumerate(re.findall(r"```(?:sh|bash|shell|console)\n(.*?)```", page.read_text(), re.DOTALL))
]


@pytest.mark.parametrize("block", BLOCKS)
def test_a_shell_block_is_shell(block: str) -> None:
    checked = subprocess.run(["bash", "-n"], input=block, text=True, capture_output=True, check=False)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("block", BLOCKS)
def test_a_shell_block_names_targets_that_exist(block: str) -> None:
    for target in re.findall(r"^\s*(?:\w+=\S+\s+)*make ([\w-]+)", block, re.MULTILINE):
        dry = subprocess.run(["make", "-n", target], cwd=ROOT, text=True, capture_output=True, check=False)
        assert dry.returncode == 0, dry.stderr


@pytest.mark.parametrize("block", BLOCKS)
def test_a_shell_block_names_commands_that_exist(block: str) -> None:
    assert set(re.findall(r"manage\.py ([a-z_]+)", block)) <= set(get_commands())
