"""Fetching what an idea links to: through the guarded way out, read in the sandbox, never here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urljoin

from backtests.rbi.stages.waiting import wait
from backtests.rbi.stages.work import IdeaFailed, Work
from backtests.sandbox import Job, Limits
from moondev.lib import http

SECONDS, MOST_BYTES, MOST_REDIRECTS = 20.0, 8 * 1024 * 1024, 4
MOVED = frozenset({301, 302, 303, 307, 308})
LIMITS = Limits(cpu_sec=20, wall_sec=30, memory_mb=768, output_mb=2)
HEADERS = {"Accept": "text/html,application/pdf;q=0.9,text/plain;q=0.8", "Accept-Language": "en"}
UNREADABLE = "The page has no text that can be read. Write the idea in words instead."


@dataclass(frozen=True)
class Page:
    """The text of a page."""

    title: str
    text: str
    kind: str


def fetch(work: Work, url: str) -> Page:
    """The text behind a link: a page, a PDF, or a video's transcript where its page leads to one.

    Raises IdeaFailed with what stood in the way.
    """
    found = _read(work, url)
    for link in found["transcripts"][:1]:
        work.say("The page is a video's; reading its transcript")
        found |= _transcript(work, link)
    if not found["text"].strip():
        raise IdeaFailed("page", UNREADABLE)
    return Page(found["title"], found["text"], found["kind"])


def _transcript(work: Work, link: str) -> dict[str, Any]:
    """What is said in a video. Where that cannot be had, the text of its page stands."""
    try:
        found = _read(work, link)
    except IdeaFailed as failure:
        work.say(f"The transcript is left out. {failure.text}")
        return {}
    return {name: found[name] for name in ("text", "kind")} if found["text"].strip() else {}


def _read(work: Work, url: str) -> dict[str, Any]:
    answer = wait(work, partial(_get, url))
    job = Job("page", {"type": answer.headers.get("content-type", "")}, {"page": answer.body}, LIMITS)
    outcome = work.context.sandbox.run(job, cancelled=work.hold.stopped)
    work.hold.check()
    if outcome.ended != "done":
        raise IdeaFailed("page", UNREADABLE)
    return _checked(outcome.document)


def _get(url: str) -> http.Answer:
    """The answer at the end of a few redirects, each of which the guard looks at."""
    try:
        for _ in range(MOST_REDIRECTS + 1):
            answer = http.send("GET", url, headers=HEADERS, timeout=SECONDS, most_bytes=MOST_BYTES)
            if answer.status not in MOVED or "location" not in answer.headers:
                break
            url = urljoin(url, answer.headers["location"])
    except http.HttpError as error:
        raise IdeaFailed("page", f"The link could not be opened. {error.message}") from None
    if answer.status != 200:
        raise IdeaFailed("page", f"The link answered with status {answer.status}. Write the idea in words instead.")
    if answer.is_cut:
        raise IdeaFailed("page", f"What the link leads to is larger than {MOST_BYTES // 1024 // 1024} MB.")
    return answer


def _checked(document: Any) -> dict[str, Any]:
    """What the child says is in the page, in the right shape and no more."""
    found = document if isinstance(document, dict) else {}
    links = found.get("transcripts")
    return {
        **{name: str(found.get(name) or "") for name in ("title", "text", "kind")},
        "transcripts": [link for link in links if isinstance(link, str)] if isinstance(links, list) else [],
    }
