"""`manage.py sandbox`."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from pytest_django import Settings

from backtests.sandbox import probe
from backtests.sandbox.levels import ISOLATING
from tests.backtests.sandbox.asking import STRONGEST, without_namespaces


def said() -> str:
    out = StringIO()
    call_command("sandbox", stdout=out)
    return out.getvalue()


def test_it_names_every_level_and_the_one_that_is_taken(settings: Settings) -> None:
    settings.SANDBOX_LEVEL = "seccomp_no_open"
    text = said()
    for label, level in ISOLATING.items():
        assert f"{label:16} {'missing: ' + probe()[level] if probe()[level] else 'offered'}\n" in text
    assert f"at the level {STRONGEST.label}; SANDBOX_LEVEL is seccomp_no_open" in text


@pytest.mark.slow
def test_it_ends_with_one_where_no_worker_would_start() -> None:
    done = without_namespaces("manage.py", "sandbox", DEBUG="1", SANDBOX_LEVEL="namespaces")
    assert done.returncode == 1
    assert "namespaces       missing: clone: No space left on device\n" in done.stdout
    assert "No worker starts here: Untrusted code needs the sandbox level namespaces or stronger" in done.stderr
