"""The same tests against the test mode of a Stripe account: `STRIPE_SECRET_KEY=sk_test_… pytest -m stripe_live`.

Only tests with this mark, and of those only what Stripe does by itself: it has no levers, so a test that pulls one is
skipped there. What they make in the account stays in it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import NoReturn

import pytest
from pytest_django.fixtures import Settings

from tests.billing.sandbox.fixture import Said, Sandbox
from tests.environment import ACCOUNT_KEY

MARK = "stripe_live"
TEST_KEYS = ("sk_test_", "rk_test_")


class Account(Sandbox):
    """An account of Stripe's, used as a test uses the sandbox."""

    def __init__(self) -> None:
        """Nothing is emptied."""

    @property
    def url(self) -> NoReturn:  # type: ignore[override]
        pytest.skip("only the sandbox has levers and pages that a test can fill in")

    def filled(self, name: str, fill: Callable[[], Said]) -> Said:
        """Nothing comes back there, and it takes nothing twice that is there already."""
        return fill()


def is_wanted(config: pytest.Config) -> bool:
    """Whether the run asked for Stripe itself."""
    return bool(config.getoption("markexpr") == MARK)


def check_key(config: pytest.Config) -> None:
    """End the run before its first test when it asks for Stripe and has no key for that, or one that costs money."""
    if is_wanted(config) and not os.environ.get(ACCOUNT_KEY, "").startswith(TEST_KEYS):
        raise pytest.UsageError(
            f"-m {MARK} needs STRIPE_SECRET_KEY, the secret key of a Stripe account's test mode ({TEST_KEYS[0]}…). "
            "A live key is refused."
        )


def taken_for_stripe(settings: Settings) -> Account:
    """Let the product speak with the account."""
    settings.STRIPE_API_BASE = ""
    settings.STRIPE_SECRET_KEY = os.environ[ACCOUNT_KEY]
    return Account()
