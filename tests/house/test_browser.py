"""What becomes of browser tests on a machine without a browser."""

from __future__ import annotations

import pytest

from tests.browser import find_program

REMEDY = "apt-get install chromium"


@pytest.fixture(autouse=True)
def _no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("REQUIRE_BROWSER", raising=False)


def test_it_skips_and_says_how_to_get_a_browser() -> None:
    with pytest.raises(pytest.skip.Exception, match=REMEDY):
        find_program()


def test_it_fails_where_a_browser_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUIRE_BROWSER", "1")
    with pytest.raises(pytest.fail.Exception, match=REMEDY):
        find_program()
