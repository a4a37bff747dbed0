"""docs/alerts.md names everything of alerts that a reader may meet, with the units and limits that hold."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import alerts
from alerts import fields, trials
from alerts.checked import DEFAULTS
from alerts.deliver import outcomes
from alerts.destinations import making
from alerts.models import Destination, Event
from alerts.models.alert import LONGEST_WINDOW, Kind, Phase
from alerts.rules.registry import RULES
from alerts.symbols import has_symbols
from alerts.wording import FIELDS
from moondev.lib.errors import AppError

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "alerts.md").read_text()
NAMES = [*Kind.values, *Phase.values, *Event.Kind.values, *Destination.Kind.values, *DEFAULTS]


@pytest.mark.parametrize("name", NAMES)
def test_it_explains_every_type_state_event_channel_and_field(name: str) -> None:
    assert f"`{name}`" in TEXT


@pytest.mark.parametrize("name", FIELDS)
def test_it_names_every_field_of_a_template(name: str) -> None:
    assert f"`{{{name}}}`" in TEXT


UNITS = {"%": "percent", "per 8 h": "fraction per 8 h"}
# Refused before any code of alerts is asked: by the frame of all calls, and by the gate.
ANSWERED_BEFORE = {400, 401, 405}
LIMITS = {
    f"at most {fields.LONGEST_DESCRIPTION} characters": "description",
    f"at most {fields.LONGEST_TEMPLATE:,} characters": "template",
    f"1 to {LONGEST_WINDOW:,} (7 days)": "window_minutes",
    f"0 to {fields.LONGEST_FOR:,}: ": "for_minutes",
    f"0 to {fields.LONGEST_COOLDOWN:,} (30 days)": "cooldown_minutes",
    f"destinations, at most {fields.MOST_DESTINATIONS}": "destinations",
}


def rows_of(heading: str) -> list[list[str]]:
    """The first table below a heading, without its head."""
    table = re.split(r"\n\n(?!\|)", TEXT.split(f"\n{heading}\n", 1)[1].split("\n|", 1)[1])[0]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in table.split("\n")[2:]]


TYPES = {row[0].strip("`"): row[1:] for row in rows_of("## Types")}


@pytest.mark.parametrize("kind", Kind.values)
def test_it_gives_each_type_its_formula_unit_sides_and_symbol(kind: str) -> None:
    rule = RULES[kind]
    formula, unit, sides, symbol = TYPES[kind]
    assert formula
    assert unit == UNITS.get(rule.UNIT, rule.UNIT)
    assert (sides == "only `both`") is (len(rule.DIRECTIONS) == 1)
    assert symbol.endswith(", required") is rule.NEEDS_SYMBOL
    assert (symbol == "none") is not has_symbols(rule.FEED)


def test_it_explains_every_error_and_no_other() -> None:
    documented = {int(status) for status, _ in rows_of("### Errors")}
    modules = [importlib.import_module(found.name) for found in pkgutil.walk_packages(alerts.__path__, "alerts.")]
    known = {value for module in modules for value in vars(module).values() if isinstance(value, type)}
    raised = {kind.status for kind in known if issubclass(kind, AppError)} - {AppError.status}
    assert documented == raised | ANSWERED_BEFORE


@pytest.mark.parametrize(("words", "field"), LIMITS.items())
def test_it_tells_the_limits_of_fields(words: str, field: str) -> None:
    assert words in next(row[2] for row in rows_of("## Fields") if f"`{field}`" in row[0])


@pytest.mark.parametrize(
    "words",
    [
        f"At most {trials.MOST} a minute in a workspace",
        f"more than {trials.MOST} tests",
        f"has {making.MOST_DESTINATIONS} destinations",
        f"again after {' s, '.join(map(str, outcomes.WAITS[:3]))} s, 1 min and so on",
        f"up to an hour, {outcomes.TRIES} times; then the message is parked",
    ],
)
def test_it_tells_what_is_promised_in_numbers(words: str) -> None:
    assert words in TEXT
