"""Links: fetched through the guarded way out, read in the sandbox."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping

import pytest
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject
from pytest_django.fixtures import Settings

from backtests.models import Run, Stage, Status
from backtests.sandbox import Job, Sandbox
from tests.backtests.pipeline.conftest import Finish, Start
from tests.fakes.taker import Reply, Request, Taker

pytestmark = pytest.mark.django_db(transaction=True)
HOST = "blog.example"
ARTICLE = """<!doctype html><html><head><title>RSI dips</title><style>p {color: red}</style></head><body>
<nav>Home About</nav><script>var secret = 1;</script>
<article><h1>RSI dips</h1><p>Buy when RSI(14) crosses below 30,&nbsp;sell when RSI rises above 70.</p></article>
<footer>Copyright</footer></body></html>"""


class Site(Taker):
    """A few pages by their path."""

    def __init__(self) -> None:
        super().__init__()
        self.pages = {
            "/dips": Reply(200, ARTICLE.encode(), {"Content-Type": "text/html; charset=utf-8"}),
            "/moved": Reply(302, b"", {"Location": "/dips"}),
            "/inside": Reply(302, b"", {"Location": "https://169.254.169.254/latest/meta-data/"}),
            "/gone": Reply(410, b""),
            "/blank": Reply(200, b"<html><body><script>1</script></body></html>", {"Content-Type": "text/html"}),
        }

    def answer(self, request: Request) -> Reply:
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
