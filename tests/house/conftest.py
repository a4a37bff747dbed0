"""What the tests of the house share."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def open_folder() -> Iterator[Path]:
    """A folder that the embedded servers' own user can pass through, unlike pytest's."""
    folder = Path(tempfile.mkdtemp(prefix="moondev-house-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)
