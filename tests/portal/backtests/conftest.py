"""A finished run in Olivia's workspace, and pages as text."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User, Workspace
from backtests.models import Result
from tests.backtests.making import finished

Text = Callable[..., str]


@pytest.fixture
def result(team: Workspace, olivia: User) -> Result:
    return finished(team, olivia)


@pytest.fixture
def text() -> Text:
    """The page that a person sees in the end, its entities read."""

    def read(browser: Client, path: str, data: dict[str, Any] | None = None, *, status: int = 200) -> str:
        answer = browser.get(path) if data is None else browser.post(path, data, follow=True)
        assert answer.status_code == status, answer.content
        return html.unescape(answer.content.decode())

    return read
