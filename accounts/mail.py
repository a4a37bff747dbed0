"""Every letter of the product: one look, plain text and simple HTML made from the same words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

PRODUCT = "Moon Dev"
LINK = re.compile(r"(https?://\S+)")
BREAK = mark_safe("<br>\n")


def send_letter(name: str, *, to: str, folder: str = "accounts", **context: Any) -> None:
    """Send `<folder>/email/<name>` to one address. Raises what the mail server raises."""
    subject, body = text_of(f"{folder}/email/{name}", context)
    letter(subject, body, to=[to]).send()


def text_of(template: str, context: Mapping[str, Any]) -> tuple[str, str]:
    """A letter's subject and text. Moments are in UTC, in whatever zone the page shows them from which it is sent."""
    words = {**context, "product": PRODUCT, "public_url": settings.PUBLIC_URL}
    with timezone.override(UTC):
        subject, body = (render_to_string(f"{template}_{part}.txt", words) for part in ("subject", "message"))
    return subject, body


def letter(subject: str, body: str, *, to: list[str], headers: dict[str, str] | None = None) -> EmailMultiAlternatives:
    """A letter in text and HTML. Line breaks in the subject are removed: it may hold a customer's words."""
    subject = " ".join(subject.split())
    message = EmailMultiAlternatives(subject, body.strip() + "\n", settings.DEFAULT_FROM_EMAIL, to, headers=headers)
    page = render_to_string(
        "accounts/email/letter.html", {"subject": subject, "body": html_of(body), "product": PRODUCT}
    )
    message.attach_alternative(page, "text/html")
    return message


def html_of(text: str) -> SafeString:
    """The paragraphs of a text as HTML, all of it escaped; a paragraph that is a link alone becomes a button."""
    blocks = [block.strip() for block in re.split(r"\n\s*\n", text.strip()) if block.strip()]
    return format_html_join("\n", "{}", ((_block(block),) for block in blocks))


def _block(text: str) -> SafeString:
    if LINK.fullmatch(text):
        return format_html(
            '<p><a class="button" href="{}">Open the link</a></p>\n<p class="address">{}</p>', text, text
        )
    return format_html("<p>{}</p>", format_html_join(BREAK, "{}", ((_linked(line),) for line in text.splitlines())))


def _linked(line: str) -> SafeString:
    """A line with its addresses as links. Splitting at a group gives words and addresses in turn."""
    parts = LINK.split(line)
    return format_html_join("", "{}", ((_word(part),) for part in parts))


def _word(part: str) -> SafeString:
    form = '<a href="{0}">{0}</a>' if LINK.fullmatch(part) else "{0}"
    return format_html(form, part)
