"""An alert's values checked each by itself and together. A refusal names every field that is wrong, not the first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accounts.models import Workspace
from alerts import symbols
from alerts.fields import FIELDS
from alerts.models import Alert, Destination
from alerts.rules.registry import RULES
from alerts.rules.shapes import Config, Rule
from moondev.lib.errors import FieldError, Invalid

REQUIRED = ("type", "threshold")
NOT_COLUMNS = ("destinations", "discord_webhook_url")
# What a field is when it is left out or null.
DEFAULTS: Mapping[str, Any] = {
    **{
        field.name: field.get_default()
        for field in Alert._meta.concrete_fields
        if field.name in {*FIELDS} - {*REQUIRED}
    },
    "destinations": [],
    "discord_webhook_url": "",
}
OTHER_TYPE = "An alert keeps its type. Make another alert."
Errors = dict[str, str]


def checked(given: Mapping[str, Any], *, workspace: Workspace, before: Alert | None = None) -> dict[str, Any]:
    """The given values as they are stored: `kind` for `type`, destinations as rows, a symbol as its feed writes it.

    `before` is the alert that they change; without one all values are given or get their defaults. Raises Invalid.
    """
    errors: Errors = {}
    asked = dict(given) if before else {**DEFAULTS, **dict.fromkeys(REQUIRED), **given}
    found = _each(asked, before, errors)
    whole = _stored(before) | found if before else found
    if rule := RULES.get(whole.get("type", "")):
        _check_symbol(rule, found, before, errors)
        _check_rule(rule, {**whole, **found}, errors)
    _check_pairs(whole, errors)
    _find_destinations(workspace, found, errors)
    if errors:
        raise _refusal(errors)
    return _columns(found)


def config_of(values: Mapping[str, Any]) -> Config:
    """What is watched, by checked values."""
    return Config(
        kind=values["kind"],
        threshold=values["threshold"],
        window_minutes=values["window_minutes"],
        symbol=values["symbol"],
        direction=values["direction"],
        recovery_threshold=values["recovery_threshold"],
        for_minutes=values["for_minutes"],
        cooldown_minutes=values["cooldown_minutes"],
    )


def _refusal(errors: Errors) -> Invalid:
    """One text a field; where there are several, each says which field it is about."""
    texts = errors.values() if len(errors) == 1 else [f"{name}: {text}" for name, text in errors.items()]
    return Invalid(" ".join(texts), tuple(FieldError(f"/{name}", text) for name, text in errors.items()))


def _each(asked: Mapping[str, Any], before: Alert | None, errors: Errors) -> dict[str, Any]:
    """The values that are good by themselves. Null is the default; what stays as it is needs no check."""
    found: dict[str, Any] = {}
    for name, value in asked.items():
        if value is None and name in DEFAULTS:
            found[name] = DEFAULTS[name]
        elif not _is_default(name, value):
            _try(name, value, before, found, errors)
        else:
            found[name] = value
    return found


def _try(name: str, value: Any, before: Alert | None, found: dict[str, Any], errors: Errors) -> None:
    try:
        found[name] = FIELDS[name](value)
    except ValueError as error:
        errors[name] = str(error)
    if name == "type" and before is not None and found.get(name) != before.kind:
        errors.setdefault(name, OTHER_TYPE)
        found[name] = before.kind


def _is_default(name: str, value: Any) -> bool:
    """Whether a value is the one that a field has anyhow. True is not 1."""
    default = DEFAULTS.get(name)
    return default is not None and type(value) is type(default) and bool(value == default)


def _stored(alert: Alert) -> dict[str, Any]:
    """The values of an alert by the names of the fields."""
    columns = {name: getattr(alert, name) for name in DEFAULTS if name not in NOT_COLUMNS}
    return {"type": alert.kind, "threshold": alert.threshold, **columns}


def _check_symbol(rule: Rule, found: dict[str, Any], before: Alert | None, errors: Errors) -> None:
    """Put the symbol into the form of the feed. That a kind takes none is the rule's to say."""
    asked = found.get("symbol")
    if not asked or not symbols.has_symbols(rule.FEED) or (before and asked == before.symbol):
        return
    known = symbols.stored_form(rule.FEED, asked)
    if known is None:
        close = symbols.like(rule.FEED, asked)
        hint = f" Did you mean {' or '.join(close)}?" if close else ""
        errors["symbol"] = f"The source of the data knows no symbol {asked!r} here.{hint}"
    else:
        found["symbol"] = known


def _check_rule(rule: Rule, whole: Mapping[str, Any], errors: Errors) -> None:
    """What the kind does not take. A field that is wrong by itself is not named twice."""
    values = {**DEFAULTS, "threshold": 1.0, **whole, "kind": whole["type"]}
    try:
        rule.check(config_of(values))
    except Invalid as error:
        for wrong in error.errors:
            errors.setdefault(wrong.pointer.removeprefix("/"), wrong.detail)


def _check_pairs(whole: Mapping[str, Any], errors: Errors) -> None:
    threshold, recovery = whole.get("threshold"), whole.get("recovery_threshold")
    if threshold is not None and recovery is not None and recovery > threshold:
        errors.setdefault("recovery_threshold", "An alert recovers at its threshold or below it.")
    begin, end = whole.get("quiet_from"), whole.get("quiet_until")
    if (begin is None) is not (end is None) and not {"quiet_from", "quiet_until"} & set(errors):
        errors["quiet_until" if end is None else "quiet_from"] = "Quiet hours have a beginning and an end."
    if begin is not None and begin == end:
        errors.setdefault("quiet_until", "Quiet hours end at another time than they begin. To send nothing, pause.")


def _find_destinations(workspace: Workspace, found: dict[str, Any], errors: Errors) -> None:
    ids = found.get("destinations")
    if not ids:
        return
    rows = {row.pk: row for row in Destination.objects.for_workspace(workspace).filter(pk__in=ids, deleted_at=None)}
    missing = [pk for pk in ids if pk not in rows]
    if missing:
        errors["destinations"] = f"There is no destination {', '.join(map(str, missing))}."
    found["destinations"] = [rows[pk] for pk in ids if pk in rows]


def _columns(found: dict[str, Any]) -> dict[str, Any]:
    columns = {name: value for name, value in found.items() if name != "type"}
    return columns | ({"kind": found["type"]} if "type" in found else {})
