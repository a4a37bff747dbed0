"""What every test of market data needs: no memory of the test before, and files that it writes itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from marketdata import state


@pytest.fixture(autouse=True)
def _no_memory() -> Iterator[None]:
    state.forget()
    yield
    state.forget()


@pytest.fixture
def served_files(settings: Settings, tmp_path: Path) -> None:
    """The API serves imported files; what is refused goes below the test's own folder."""
    settings.MARKET_DATA_SOURCE = "files"
    settings.DATA_DIR = tmp_path / "data"


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Writes a file of the given name and content."""

    def write_file(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file
