"""Links: fetched through the guarded way out, read in the sandbox."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from datetime import timedelta

import pytest
from django.db import connection
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject
from pytest_django.fixtures import Settings

from backtests.models import Run, Stage, Status, Strategy
from backtests.rbi.intake import Entry, read
from backtests.sandbox import Job, Sandbox
from moondev.lib.clock import now
from tests.backtests.pipeline.conftest import Finish, Start
from tests.fakes.taker import Reply, Request, Taker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow(1)]
HOST = "blog.example"
ARTICLE = """<!doctype html><html><head><title>RSI dips</title><style>p {color: red}</style></head><body>
<nav>Home About</nav><script>var secret = 1;</script>
<article><h1>RSI dips</h1><p>Buy when RSI(14) crosses below 30,&nbsp;sell when RSI rises above 70.</p></article>
<footer>Copyright</footer></body></html>"""


VIDEO = """<html><head><title>My best trades</title></head><script>x = {"captionTracks": [{"name": {"runs": [{"text":
"English"}]}, "languageCode": "en", "baseUrl": "https://blog.example/words"}], "more": 1};</script>
<body>Buy when RSI(14) crosses below 20, sell when RSI rises above 60.</body></html>"""
SPOKEN = b"<transcript><text>buy when rsi(14) crosses below 30 and sell when rsi rises above 70</text></transcript>"


def page(html: str) -> Reply:
    return Reply(200, html.encode(), {"Content-Type": "text/html; charset=utf-8"})


class Site(Taker):
    """A few pages by their path."""

    def __init__(self) -> None:
        super().__init__()
        self.cancels: Run | None = None
        self.pages = {
            "/dips": page(ARTICLE),
            "/moved": Reply(302, b"", {"Location": "/dips"}),
            "/inside": Reply(302, b"", {"Location": "https://169.254.169.254/latest/meta-data/"}),
            "/gone": Reply(410, b""),
            "/video": page(VIDEO),
            "/silent": page(VIDEO.replace("/words", "/gone")),
            "/words": Reply(200, SPOKEN, {"Content-Type": "text/xml"}),
            "/blank": Reply(200, b"<html><body><script>1</script></body></html>", {"Content-Type": "text/html"}),
        }

    def answer(self, request: Request) -> Reply:
        if self.cancels:
            # Somebody cancels while the page is awaited.
            Run.objects.filter(pk=self.cancels.pk).update(cancel_requested_at=now())
            connection.close()
            return Reply(hangs=19)
        return self.pages[request.path]


@pytest.fixture
def site(settings: Settings) -> Iterator[Site]:
    with Site() as found:
        settings.OUTBOUND_ROUTES = {HOST: found.place}
        yield found


def researched(run: Run) -> Stage:
    return Stage.objects.get(run=run, name="research")


def test_it_reads_the_idea_from_a_page(start: Start, finish: Finish, site: Site) -> None:
    start(f"https://{HOST}/moved")
    (run,) = finish()
    made = researched(run).made
    assert made["title"] == "RSI dips"
    assert made["text"].splitlines() == ["RSI dips", "Buy when RSI(14) crosses below 30, sell when RSI rises above 70."]
    assert [request.path for request in site.requests] == ["/moved", "/dips"]
    strategy = Strategy.objects.get(idea__run=run)
    assert (run.status, strategy.origin, strategy.interpretation["not_understood"]) == (Status.COMPLETE, "rules", [])


@pytest.mark.parametrize(("path", "level"), [("/video", 30), ("/silent", 20)])
def test_it_takes_what_is_said_in_a_video_or_else_stands_on_its_page(
    start: Start, finish: Finish, site: Site, path: str, level: int
) -> None:
    start(f"https://{HOST}{path}")
    (run,) = finish()
    assert run.status == Status.COMPLETE
    assert f"crosses under {level}" in str(Strategy.objects.get(idea__run=run).interpretation["rules"])


def test_it_does_not_wait_for_a_page_once_the_run_is_cancelled(start: Start, finish: Finish, site: Site) -> None:
    run = start(f"https://{HOST}/slow")
    site.cancels = run
    finish()
    run.refresh_from_db()
    assert run.status == Status.CANCELLED
    assert run.finished_at
    assert run.cancel_requested_at
    # Three times the two seconds that are promised; the page would take nineteen.
    assert run.finished_at - run.cancel_requested_at < timedelta(seconds=6)


@pytest.mark.parametrize(
    "line",
    ["https://a.example/x?b=1", "<https://a.example/x?b=1>", "[dips](https://a.example/x?b=1)",
     "Backtest this: https://a.example/x?b=1"],
)  # fmt: skip
def test_it_sees_a_link_as_people_write_one(line: str) -> None:
    assert read(line) == [Entry("link", "https://a.example/x?b=1")]


def test_it_takes_words_with_a_link_in_them_for_words() -> None:
    assert [entry.kind for entry in read("buy dips as in https://a.example/x but sell later")] == ["words"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/gone", "The link answered with status 410."),
        ("/blank", "The page has no text that can be read."),
        ("/inside", "The address leads to a private network."),
    ],
)
def test_it_says_why_a_link_gives_no_idea(start: Start, finish: Finish, site: Site, path: str, said: str) -> None:
    start(f"https://{HOST}{path}")
    (run,) = finish()
    assert (run.status, run.error_code) == (Status.ERROR, "page")
    assert said in run.error_text


def test_it_calls_no_address_within_our_network(start: Start, finish: Finish) -> None:
    start("https://127.0.0.1/admin")
    (run,) = finish()
    assert "private network" in run.error_text


def page_of(sandbox: Sandbox, content: bytes, kind: str) -> Mapping[str, object]:
    outcome = sandbox.run(Job("page", {"type": kind}, {"page": content}))
    assert outcome.ended == "done", outcome.error
    assert isinstance(outcome.document, dict)
    return outcome.document


def test_it_reads_a_pdf(sandbox: Sandbox) -> None:
    writer = PdfWriter()
    page = writer.add_blank_page(300, 300)
    text = DecodedStreamObject()
    text.set_data(b"BT /F1 12 Tf 20 200 Td (Buy the breakout of 20 days) Tj ET")
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    page[NameObject("/Contents")] = writer._add_object(text)
    page[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/Font"): DictionaryObject({NameObject("/F1"): writer._add_object(font)})}
    )
    file = io.BytesIO()
    writer.write(file)
    found = page_of(sandbox, file.getvalue(), "application/pdf")
    assert (found["kind"], found["text"]) == ("pdf", "Buy the breakout of 20 days")


def test_it_finds_the_transcript_of_a_video(sandbox: Sandbox) -> None:
    tracks = [
        {"languageCode": "de", "baseUrl": "https://video.example/de"},
        {"languageCode": "en", "baseUrl": "https://video.example/en?a=1&b=2"},
    ]
    html = f'<html><script>var x = {{"captionTracks":{json.dumps(tracks)}}};</script><body>A video</body></html>'
    found = page_of(sandbox, html.encode(), "text/html")
    assert found["transcripts"] == ["https://video.example/en?a=1&b=2", "https://video.example/de"]
    timed = b'<?xml version="1.0"?><transcript><text start="0">buy &amp;quot;low&amp;quot;</text></transcript>'
    assert page_of(sandbox, timed, "text/xml")["text"] == 'buy "low"'


def test_it_reads_no_document_with_entities_of_its_own(sandbox: Sandbox) -> None:
    bomb = b'<!DOCTYPE t [<!ENTITY a "aaaa">]><transcript><text>&a;</text></transcript>'
    assert page_of(sandbox, bomb, "text/xml")["text"] == ""
