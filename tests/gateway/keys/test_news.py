"""What a process remembers of the changes it has heard of."""

from __future__ import annotations

from gateway.keys import news
from gateway.keys.news import News


def test_it_knows_what_changed_after_a_number() -> None:
    heard = News()
    before = heard.last
    heard.note(7)
    assert heard.is_older(before, 7)
    assert not heard.is_older(before, 8)
    assert not heard.is_older(heard.last, 7)
    heard.note(None)
    assert heard.is_older(before, 8)


def test_it_forgets_no_stop_over_other_changes() -> None:
    heard = News()
    before = heard.last
    heard.note(7, stops=True)
    # A plan was edited, and the subscription was made anew.
    heard.note(None)
    heard.note(7)
    assert heard.has_stopped(before, 7)
    assert not heard.has_stopped(before, 8)
    assert not heard.has_stopped(heard.last, 7)


def test_it_forgets_no_stop_over_very_many_workspaces() -> None:
    heard = News()
    before = heard.last
    for workspace in range(1, news.MOST_WORKSPACES + 2):
        heard.note(workspace, stops=True)
    assert heard.has_stopped(before, 1)
    assert heard.is_older(before, news.MOST_WORKSPACES + 1)
    assert heard.has_stopped(before, news.MOST_WORKSPACES + 1)
