"""An event in words: templates with named fields, and the words that are used without one."""

from __future__ import annotations

import string
import uuid
from collections.abc import Mapping
from datetime import datetime

from django.conf import settings

from accounts.models import Workspace
from alerts.channels.shapes import Notice
from alerts.models import Alert, Delivery, Event
from alerts.rules.numbers import threshold_said
from alerts.rules.registry import RULES
from marketdata.state import is_simulated, served_source
from moondev.lib.clock import now
from moondev.lib.errors import Invalid

LONGEST_TEMPLATE = 1000
# Every field of a template, and what it stands for.
FIELDS: Mapping[str, str] = {
    "symbol": "the symbol, or `all symbols`",
    "value": "the value that was compared, with its unit",
    "threshold": "the threshold, with its unit",
    "window": "the window, as `15 minutes`",
    "happened": "what happened, in the type's words",
    "details": "what else the type knows, as the wallet of a trade or the symbol with the largest part",
    "direction": "which side counts, where the type has sides",
    "type": "the alert's type",
    "event": "fired, resolved, no_data or test",
    "description": "the alert's own description",
    "time": "the moment, in UTC",
}
LIST, PAGE = "/portal/alerts/", "/portal/alerts/{id}/"
TEXTS: Mapping[str, str] = {
    Event.Kind.FIRED: "{happened}. The threshold is {threshold}.",
    Event.Kind.RESOLVED: "It is over: {happened}. The threshold is {threshold}.",
    Event.Kind.NO_DATA: "There are no data to compare, so nobody knows whether it is over.",
    Event.Kind.TEST: "This is a test: {happened}. The threshold is {threshold}.",
}
# The excursion ended without a value: the alert was given something else to watch.
CHANGED = "It is over because the alert was changed. The threshold was {threshold}."
GONE = "It is over because the alert was deleted. The threshold was {threshold}."
TITLES: Mapping[str, str] = {
    Event.Kind.FIRED: "{}",
    Event.Kind.RESOLVED: "Resolved: {}",
    Event.Kind.NO_DATA: "No data: {}",
    Event.Kind.TEST: "Test: {}",
}
UNITS = ((24 * 60, "day"), (60, "hour"), (1, "minute"))


def check_template(template: str) -> str:
    """The template as it is stored. Raises Invalid at `/template` for a field that there is not."""
    known = " ".join(f"{{{name}}}" for name in FIELDS)
    if len(template) > LONGEST_TEMPLATE:
        raise Invalid.field("/template", f"At most {LONGEST_TEMPLATE} characters.")
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError:
        raise Invalid.field("/template", f"A brace stands alone: write {{{{ for one. The fields are {known}.") from None
    for _, name, form, conversion in parts:
        if name is not None and (name not in FIELDS or form or conversion):
            raise Invalid.field("/template", f"There is no field {{{name}}}. The fields are {known}.")
    return template.strip()


def notice_of(delivery: Delivery) -> Notice:
    """A delivery as channels see it; its event and alert are loaded."""
    event = delivery.event
    alert, words = event.alert, words_of(event)
    return Notice(
        delivery_id=str(delivery.pk),
        event=event.kind,
        alert_id=alert.pk,
        alert_kind=alert.kind,
        title=title_of(event),
        text=text_of(event, words),
        symbol=event.symbol,
        window_minutes=event.window_minutes,
        threshold=event.threshold,
        value=event.value,
        at=event.at,
        url=url_of(alert),
        description=alert.description,
        value_said=words["value"] if event.value is not None else "",
        threshold_said=words["threshold"],
        source=event.source,
        is_simulated=event.is_simulated,
        may_repeat=delivery.may_repeat,
        facts=event.facts,
        details=tuple(details_of(event).items()),
    )


def trial(workspace: Workspace) -> Notice:
    """What a destination's test sends: it belongs to no alert."""
    return Notice(
        delivery_id=str(uuid.uuid4()),
        event=Event.Kind.TEST.value,
        alert_id="",
        alert_kind="",
        title="Test: messages arrive here",
        text=f"Somebody in {workspace.name} tested this destination. Alerts will look like this.",
        symbol="",
        window_minutes=0,
        threshold=0.0,
        value=None,
        at=now(),
        url=f"{settings.PUBLIC_URL}/portal/",
        source=served_source(),
        is_simulated=is_simulated(),
    )


def words_of(event: Event) -> dict[str, str]:
    """The fields of a template, filled."""
    alert = event.alert
    rule = RULES[alert.kind]
    value = "no value" if event.value is None else rule.say(event.value)
    window = window_words(event.window_minutes)
    return {
        "symbol": event.symbol or "all symbols",
        "value": value,
        "threshold": threshold_said(rule, event.threshold),
        "window": window,
        "happened": rule.SAYS.format(value=value, window=window),
        "details": details_said(event),
        "direction": rule.DIRECTIONS.get(alert.direction, alert.direction),
        "type": rule.TITLE,
        "event": str(event.kind),
        "description": alert.description,
        "time": _moment(event.at),
    }


def details_said(event: Event) -> str:
    """The details on one line; empty where there are none."""
    return "; ".join(f"{name}: {text}" for name, text in details_of(event).items())


def details_of(event: Event) -> dict[str, str]:
    """What the alert's kind knows of an event besides its value; nothing of an end that no value brought."""
    return {} if because_of(event) else RULES[event.alert.kind].tell(event.facts)


def because_of(event: Event) -> str:
    """Why an excursion ended that no value ended: the alert was changed or deleted. Else empty."""
    return str(event.facts.get("because", ""))


def text_of(event: Event, words: Mapping[str, str]) -> str:
    """The alert's own template where it has one, for its firing and for tests; the end has our words."""
    own = event.alert.template if event.kind in (Event.Kind.FIRED, Event.Kind.TEST) else ""
    try:
        return check_template(own).format_map(words) or _ours(event, words)
    # A row that no service checked must not lose the message.
    except Invalid:
        return _ours(event, words)


def _ours(event: Event, words: Mapping[str, str]) -> str:
    is_cut = event.kind == Event.Kind.RESOLVED and event.value is None
    cut = GONE if event.alert.deleted_at else CHANGED
    text = (cut if is_cut else TEXTS[event.kind]).format_map(words)
    return text[:1].upper() + text[1:]


def title_of(event: Event) -> str:
    """What it is called: the alert's description, else its type and symbol."""
    alert = event.alert
    name = alert.description or f"{RULES[alert.kind].TITLE}, {event.symbol or 'all symbols'}"
    return TITLES[event.kind].format(name.replace("\n", " "))


def url_of(alert: Alert) -> str:
    """The alert's page on the portal; the list's where it has none any more."""
    return settings.PUBLIC_URL + (LIST if alert.deleted_at else PAGE.format(id=alert.pk))


def window_words(minutes: int) -> str:
    """`15 minutes`, `1 hour`, `2 days`: the largest unit that fits."""
    size, name = next((size, name) for size, name in UNITS if minutes % size == 0)
    count = minutes // size
    return f"{count} {name}{'' if count == 1 else 's'}"


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
