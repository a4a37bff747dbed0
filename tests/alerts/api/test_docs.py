"""docs/alerts.md names everything of alerts that a reader may meet."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.checked import DEFAULTS
from alerts.models import Destination, Event
from alerts.models.alert import Kind, Phase
from alerts.wording import FIELDS

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "alerts.md").read_text()
NAMES = [*Kind.values, *Phase.values, *Event.Kind.values, *Destination.Kind.values, *DEFAULTS]


@pytest.mark.parametrize("name", NAMES)
def test_it_explains_every_type_state_event_channel_and_field(name: str) -> None:
    assert f"`{name}`" in TEXT


@pytest.mark.parametrize("name", FIELDS)
def test_it_names_every_field_of_a_template(name: str) -> None:
    assert f"`{{{name}}}`" in TEXT
