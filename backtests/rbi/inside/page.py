"""Reads a page that somebody else wrote: HTML, PDF, plain text or a video's transcript. Runs in the sandbox's child."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Callable, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

MOST_TEXT, MOST_PAGES = 400_000, 60
# What is in them is no text of the page.
SILENT = frozenset(
    {"script", "style", "noscript", "template", "svg", "nav", "footer", "header", "aside", "form", "button"}
)
BLOCKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "section", "article", "pre", "blockquote"})
# A video's page names its transcripts in a script.
TRACKS = re.compile(r'"captionTracks"\s*:\s*(?=\[)')


def main(payload: dict[str, Any], files: Mapping[str, Path], say: Callable[[Any], None]) -> dict[str, Any]:
    """`{"title", "text", "kind", "transcripts": [addresses]}` of the file `page`; `type` is its content type."""
    with open(files["page"], "rb") as file:
        content = file.read()
    kind = str(payload.get("type", "")).lower()
    if content.startswith(b"%PDF") or "pdf" in kind:
        return _pdf(content)
    text = _decoded(content, kind)
    if "<timedtext" in text[:500] or "<transcript" in text[:500]:
        return _answer("", _transcript(text), "transcript")
    if "html" in kind or "<html" in text[:2_000].lower() or "<body" in text.lower():
        return _html(text)
    return _answer("", text, "text")


def _answer(title: str, text: str, kind: str, transcripts: list[str] | None = None) -> dict[str, Any]:
    lines = (" ".join(line.split()) for line in text.splitlines())
    tidy = "\n".join(line for line in lines if line)
    return {"title": title[:300], "text": tidy[:MOST_TEXT], "kind": kind, "transcripts": (transcripts or [])[:4]}


def _decoded(content: bytes, kind: str) -> str:
    named = re.search(r"charset=[\"']?([\w-]+)", kind) or re.search(
        r"charset=[\"']?([\w-]+)", content[:2_000].decode("ascii", "ignore")
    )
    try:
        return content.decode(named[1] if named else "utf-8", "replace")
    except LookupError:
        return content.decode("utf-8", "replace")


def _pdf(content: bytes) -> dict[str, Any]:
    # Only PDFs need it, and it is not small.
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(content))
    title = str((reader.metadata.title if reader.metadata else "") or "")
    return _answer(title, "\n".join(page.extract_text() for page in reader.pages[:MOST_PAGES]), "pdf")


def _transcript(text: str) -> str:
    """The spoken words of a timed text; a document with entities of its own is not read."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        return ""
    pieces = ElementTree.fromstring(text).iter()  # noqa: S314
    return "\n".join(html.unescape("".join(piece.itertext())) for piece in pieces if piece.tag in ("text", "p"))


def _html(text: str) -> dict[str, Any]:
    page = _Page()
    page.feed(text)
    page.close()
    return _answer(page.title, "".join(page.pieces), "page", _tracks(text))


def _tracks(text: str) -> list[str]:
    """Addresses of transcripts, English ones first."""
    found = TRACKS.search(text)
    if not found:
        return []
    try:
        tracks, _ = json.JSONDecoder().raw_decode(text, found.end())
    except ValueError:
        return []
    named = [track for track in tracks if isinstance(track, dict) and isinstance(track.get("baseUrl"), str)]
    named.sort(key=lambda track: not str(track.get("languageCode", "")).startswith("en"))
    return [track["baseUrl"] for track in named]


class _Page(HTMLParser):
    """Collects what a reader of the page sees, as far as that can be told without a browser."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self.pieces: list[str] = []
        self._silent: list[str] = []
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "title":
            self._in_title = True
        if tag in SILENT:
            self._silent.append(tag)
        if tag in BLOCKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False
        if tag in self._silent:
            # What was not closed inside ends here too.
            del self._silent[len(self._silent) - 1 - self._silent[::-1].index(tag) :]
        if tag in BLOCKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data.strip()
        elif not self._silent:
            self.pieces.append(data)
