"""Prompts are files beside this package: what models are told is under version control like code."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from string import Template

from backtests.rbi.indicators import REGISTRY

FOLDER = Path(__file__).resolve().parent.parent / "prompts"


def text(name: str, words: Mapping[str, str] | None = None) -> str:
    """A prompt with its `$words` filled in."""
    given = {"indicators": _indicators(), **(words or {})}
    return Template(_read(name)).safe_substitute(given)


@lru_cache
def _read(name: str) -> str:
    return (FOLDER / f"{name}.md").read_text(encoding="utf-8").strip()


@lru_cache
def _indicators() -> str:
    """The registry in a line each: name, arguments, outputs."""
    lines = []
    for name, indicator in sorted(REGISTRY.items()):
        several = [output.name for output in indicator.outputs if output.name]
        arguments = ", ".join(f"{argument.name}={argument.default:g}" for argument in indicator.args)
        lines.append(f"- {name}({arguments})" + (f" -> {', '.join(several)}" if several else ""))
    return "\n".join(lines)
