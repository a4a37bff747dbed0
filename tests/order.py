"""The dear files first: a worker of pytest-xdist that begins a long one last lets the others wait for it."""

from __future__ import annotations

from collections import defaultdict

import pytest

# What a test takes in seconds unless `@pytest.mark.slow(seconds)` says so; only the order depends on it.
SLOW, QUICK = 5.0, 0.1


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of a file stay together and in their order, as fixtures of modules want it."""
    taken: defaultdict[str, float] = defaultdict(float)
    for item in items:
        taken[_file(item)] += seconds_of(item)
    items.sort(key=lambda item: (-taken[_file(item)], _file(item)))


def seconds_of(item: pytest.Item) -> float:
    marks = list(item.iter_markers("slow"))
    named = [mark.args[0] for mark in marks if mark.args]
    return float(named[0]) if named else SLOW if marks else QUICK


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]
