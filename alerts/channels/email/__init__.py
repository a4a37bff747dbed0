"""E-mail to a member of the workspace."""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from urllib.parse import urlsplit

from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.mail import letter
from alerts.channels.shapes import ChannelError, Message, Notice, Sent, Setting, Settings
from alerts.channels.telling import block_of
from moondev.lib.errors import Invalid

TITLE = "E-mail"
ABOUT = "A letter to somebody who belongs to the workspace."
SETTINGS: tuple[Setting, ...] = (Setting("address", "Address", "The address of a member of this workspace."),)
MOST_TOGETHER = 20
MOST_SUBJECT, MOST_TEXT = 150, 2000


def check(settings: Settings) -> dict[str, str]:
    address = str(settings.get("address", "")).strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise Invalid.field("/settings/address", "This is no e-mail address.") from None
    return {"address": address}


def hint(settings: Settings) -> str:
    return settings["address"]


def bucket(settings: Settings) -> str:
    return ""


def render(notices: Sequence[Notice]) -> Message:
    more = f" and {len(notices) - 1} more" if len(notices) > 1 else ""
    text = "\n\n".join(block_of(notice, MOST_TEXT) for notice in notices)
    return Message({"subject": notices[0].title[:MOST_SUBJECT] + more, "text": text})


def send(settings: Settings, message: Message, delivery_ids: Sequence[str]) -> Sent:
    """The same message id for a repeat: mail programs show it once."""
    host = urlsplit(django_settings.PUBLIC_URL).hostname or "localhost"
    headers = {"Message-ID": f"<{delivery_ids[0]}@{host}>", "X-Delivery-Ids": " ".join(delivery_ids)}
    mail = letter(message.body["subject"], message.body["text"], to=[settings["address"]], headers=headers)
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        raise _refused(error) from error
    # Whatever else a mail server says or fails to say may be mended by then.
    except OSError as error:
        raise ChannelError("The mail server did not take it.") from error
    return Sent(said="The mail server took it.")


def _refused(error: smtplib.SMTPRecipientsRefused) -> ChannelError:
    codes = [code for code, _ in error.recipients.values()]
    is_for_good = bool(codes) and all(code >= 500 for code in codes)
    return ChannelError("The mail server does not know this address.", disables=is_for_good)
