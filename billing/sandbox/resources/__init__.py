"""Everything that the sandbox answers, registered by being imported; the rest of this package is what a shop sets up."""

from __future__ import annotations

from importlib import import_module

MODULES = ("events",)


def load() -> None:
    for name in MODULES:
        import_module(f"billing.sandbox.{name}")
