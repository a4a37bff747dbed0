"""Research: what an idea is about, from its words, the page that it links to, or the code that it brings."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from backtests import artefacts
from backtests.models import Stage
from backtests.rbi import model, scripts
from backtests.rbi.drafter import draft
from backtests.rbi.stages.fetching import fetch
from backtests.rbi.stages.work import IdeaFailed, Made, Work, step
from backtests.rows import thread_of

# Of a page: what a strategy is about stands at its beginning, and models are paid by the word.
LONGEST_PAGE = 24_000


def research(work: Work) -> Stage:
    """Find out what is meant. What later stages read is under `text`, or `code` for code."""
    doers = {"words": _words, "link": _link, "code": _code, "specification": _specification}
    says = "Opening the link" if work.idea.kind == "link" else "Reading the idea"
    given = {"kind": work.idea.kind, "model": model.name_of("research")}
    row = step(work, "research", lambda: doers[work.idea.kind](work), given=given, says=says)
    if text := str(row.made.get("study") or row.made.get("text") or ""):
        artefacts.write(work.run, "research", f"{thread_of(work.idea)}.md", text)
    return row


def _words(work: Work) -> Made:
    return Made({"text": work.idea.text, **_studied(work, work.idea.text)})


def _link(work: Work) -> Made:
    page = fetch(work, work.idea.text.strip())
    text = page.text[:LONGEST_PAGE]
    return Made({"title": page.title, "kind": page.kind, "text": text, **_studied(work, f"{page.title}\n\n{text}")})


def _code(work: Work) -> Made:
    found = scripts.read(work.idea.text)
    if not found.is_usable and found.cut_off:
        raise IdeaFailed("cut_off", found.cut_off.message)
    return Made({"characters": len(found.code), "notes": list(found.notes), "first_line": found.line})


def _specification(work: Work) -> Made:
    return Made({"text": work.idea.text})


def _studied(work: Work, text: str) -> dict[str, Any]:
    """What a model has to say about it, or what the built-in drafter finds named in it."""
    if model.name_of("research"):
        answer = model.ask(work, "research", {"idea": text})
        if answer:
            return {"study": answer}
    return {"named": [asdict(piece) for piece in draft(text).interpretation]}
