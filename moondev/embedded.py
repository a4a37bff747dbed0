"""PostgreSQL and Valkey from wheels, for development and tests (placeholder: the real module replaces this)."""

from __future__ import annotations

from pathlib import Path


def database_url(data_dir: Path, *, allowed: bool) -> str:
    raise NotImplementedError


def redis_url(data_dir: Path, *, allowed: bool) -> str:
    raise NotImplementedError
