"""Test programs, which run in the sandbox's children: Python source, and ways to misbehave before any isolation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from backtests.sandbox import JSON


def main(payload: dict[str, Any], files: Mapping[str, Path], say: Callable[[JSON], None]) -> JSON:
    """Run source as the engine runs a strategy. What it leaves in `result` is the answer."""
    scope: dict[str, Any] = {"payload": payload, "files": files, "say": say, "result": None}
    exec(compile(payload["source"], "<strategy>", "exec"), scope)  # noqa: S102
    result: JSON = scope["result"]
    return result
