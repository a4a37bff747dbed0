"""`pytest -m stripe_live`: only with a key of the test mode, and never by accident."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.billing.sandbox.account import MARK
from tests.billing.sandbox.fixture import Sandbox
from tests.live import ROOT


@pytest.mark.slow
@pytest.mark.parametrize("key", ["", "sk_live_of_a_shop", "rk_live_of_a_shop", "pk_test_1"])
def test_it_refuses_every_key_but_one_of_the_test_mode(key: str) -> None:
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-m", MARK, "-n", "0", "-q", "tests/billing/payments/test_subscriptions.py"],
        cwd=ROOT,
        env=environment | {"STRIPE_SECRET_KEY": key},
        text=True,
        capture_output=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "A live key is refused" in done.stderr
    assert key not in done.stderr or not key


def test_an_ordinary_run_meets_the_sandbox_only(sandbox: Sandbox) -> None:
    assert sandbox.url.startswith("http://127.0.0.1:")
