"""Everything that the sandbox answers, registered by being imported."""

from __future__ import annotations

from importlib import import_module

MODULES = ("events",)


def load() -> None:
    for name in MODULES:
        import_module(f"billing.sandbox.{name}")
