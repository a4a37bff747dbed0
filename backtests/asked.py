"""What is asked of a run, checked: every wrong field is named at once."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from accounts.models import Workspace
from backtests.datasets import usual
from backtests.engine.settings import read_settings
from backtests.models import Dataset
from backtests.names import check_carried, tidy
from backtests.objectives import OBJECTIVES, USUAL
from backtests.rbi import intake
from backtests.rbi.spec import Specification
from moondev.lib.errors import FieldError, Invalid
from moondev.lib.finite import is_number
from moondev.lib.storable import is_storable, storable

MOST_IDEAS, MOST_DATASETS = 20, 10
LONGEST_NAME, LONGEST_WORDS, LONGEST_CODE, LONGEST_TEXT = 80, 2_000, 200_000, 800_000
LONGEST = {"words": LONGEST_WORDS, "link": LONGEST_WORDS, "code": LONGEST_CODE, "specification": LONGEST_CODE}
# Whole numbers with their least and most.
COUNTS = {"revisions": (0, 10), "cells": (1, 200), "seed": (1, 2**31 - 1), "budget_tokens": (0, 10_000_000)}
SWITCHES = ("optimise", "lookahead")
USUAL_OPTIONS: Mapping[str, Any] = {
    "optimise": True, "objective": USUAL, "lookahead": True, "revisions": 10, "cells": 60,
}  # fmt: skip
MOST_USD = 1_000


@dataclass(frozen=True)
class Asked:
    """Everything that a run needs, as its rows keep it."""

    name: str
    entries: list[intake.Entry]
    datasets: list[Dataset]
    settings: dict[str, Any]
    options: dict[str, Any]
    edits: dict[int, dict[str, Any]]
    seed: int


def check_asked(
    *,
    workspace: Workspace,
    ideas: str,
    name: str,
    dataset_ids: Sequence[int],
    settings: Mapping[str, Any],
    options: Mapping[str, Any],
    edits: Mapping[Any, Any],
) -> Asked:
    """The values of a run. Raises Invalid with every wrong field: `/ideas`, `/run_name`, `/datasets`, `/settings/…`,
    `/options/…` and `/edits/…`."""
    errors: list[FieldError] = []
    entries = _try(lambda: check_ideas(ideas), errors)
    asked = Asked(
        name=_try(lambda: check_name(name), errors),
        entries=entries,
        datasets=_try(lambda: check_datasets(workspace, dataset_ids), errors),
        settings=_try(lambda: read_settings(settings).document(), errors),
        options=_try(lambda: check_options(options), errors),
        edits=_try(lambda: check_edits(edits, len(entries or []) or MOST_IDEAS), errors),
        seed=int(options["seed"]) if _is_whole(options.get("seed"), *COUNTS["seed"]) else secrets.randbelow(2**31 - 1),
    )
    if errors:
        raise Invalid(errors[0].detail, tuple(errors))
    return asked


def check_name(name: str) -> str:
    """A run's name without needless spaces; empty when none was given."""
    name = tidy(name)
    if len(name) > LONGEST_NAME:
        raise Invalid.field("/run_name", f"Give the run a name of at most {LONGEST_NAME} characters, or none.")
    if name:
        check_carried(name, "/run_name")
    return name


def check_ideas(ideas: str) -> list[intake.Entry]:
    """The ideas of a text."""
    if len(ideas) > LONGEST_TEXT or storable(ideas) != ideas:
        raise Invalid.field("/ideas", f"Send text of at most {LONGEST_TEXT:,} characters, without null characters.")
    entries = intake.read(ideas)
    if not entries:
        raise Invalid.field("/ideas", "Write at least one idea, one a line. Lines that begin with # do not count.")
    if len(entries) > MOST_IDEAS:
        raise Invalid.field("/ideas", f"There are {len(entries)} ideas; a run takes at most {MOST_IDEAS}. Start two.")
    for place, entry in enumerate(entries, 1):
        if len(entry.text) > LONGEST[entry.kind]:
            raise Invalid.field("/ideas", f"Idea {place} is longer than {LONGEST[entry.kind]:,} characters.")
        if entry.kind == "specification":
            _check_specification(entry.text, "/ideas")
    return entries


def check_datasets(workspace: Workspace, ids: Sequence[int]) -> list[Dataset]:
    """The data sets in the order in which they were named, or the usual one."""
    if not ids:
        return [_usual_dataset()]
    if len(ids) > MOST_DATASETS:
        raise Invalid.field("/datasets", f"A run takes at most {MOST_DATASETS} data sets.")
    found = {row.pk: row for row in Dataset.objects.for_workspace(workspace).filter(pk__in=list(ids))}
    for pk in ids:
        if pk not in found:
            raise Invalid.field("/datasets", f"There is no data set {pk}.")
        if found[pk].needs_decision:
            text = f"“{found[pk].name}” has faults. Look at them and accept or repair the data set first."
            raise Invalid.field("/datasets", text)
    return [found[pk] for pk in dict.fromkeys(ids)]


def _usual_dataset() -> Dataset:
    found = usual.default()
    if found is None:
        raise Invalid.field("/datasets", "Name a data set: the usual one is not here.")
    return found


def check_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """What was asked for beside, and the usual for what was not."""
    errors = [
        FieldError(f"/options/{name}", problem)
        for name, value in options.items()
        if value is not None and (problem := _option_problem(name, value))
    ]
    if errors:
        raise Invalid(errors[0].detail, tuple(errors))
    return {**USUAL_OPTIONS, **{name: value for name, value in options.items() if value is not None}}


def _option_problem(name: str, value: Any) -> str:
    """What is wrong with an option; empty when nothing is."""
    if name in SWITCHES:
        return "" if isinstance(value, bool) else f"{name} is true or false."
    if name == "objective":
        return "" if isinstance(value, str) and value in OBJECTIVES else f"objective is one of {', '.join(OBJECTIVES)}."
    if name == "budget_usd":
        return "" if is_number(value) and 0 <= value <= MOST_USD else f"budget_usd is from 0 to {MOST_USD:,}."
    if name not in COUNTS:
        return f"{name} is no option."
    least, most = COUNTS[name]
    return "" if _is_whole(value, least, most) else f"{name} is a whole number from {least:,} to {most:,}."


def check_edits(edits: Mapping[Any, Any], count: int = MOST_IDEAS) -> dict[int, dict[str, Any]]:
    """Edits by the place of their idea, from 0: `specification` in place of the drafted one, `parameters` to set.

    `count`: so many ideas there are.
    """
    places = {str(place): place for place in range(count)}
    return {_place_of(place, places): _checked_edit(edit, f"/edits/{place}") for place, edit in edits.items()}


def _place_of(given: Any, places: Mapping[str, int]) -> int:
    if str(given) not in places:
        last = len(places) - 1
        raise Invalid.field(f"/edits/{given}", f"There is no idea at this place. The first is 0 and the last {last}.")
    return places[str(given)]


def _checked_edit(edit: Any, pointer: str) -> dict[str, Any]:
    parameters = (edit.get("parameters") or {}) if isinstance(edit, Mapping) else None
    if not isinstance(parameters, Mapping) or set(edit) - {"specification", "parameters"}:
        raise Invalid.field(pointer, "An edit is an object with `specification` or `parameters`, which are objects.")
    if (specification := edit.get("specification")) is not None:
        _check_specification(specification, f"{pointer}/specification")
    for name, value in parameters.items():
        if not is_number(value):
            raise Invalid.field(f"{pointer}/parameters/{name}", f"{name} is a number.")
    if not is_storable(edit):
        raise Invalid.field(pointer, "Send text without null characters.")
    return dict(edit)


def _check_specification(document: Any, pointer: str) -> None:
    """Raise Invalid at the pointer with the first thing that is wrong."""
    try:
        read = Specification.model_validate_json if isinstance(document, str) else Specification.model_validate
        read(document)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the specification"
        raise Invalid.field(pointer, f"The specification is not valid at {where}: {first['msg']}.") from None


def _try(check: Callable[[], Any], errors: list[FieldError]) -> Any:
    """What a check gives; what it refuses goes to the list instead."""
    try:
        return check()
    except Invalid as error:
        errors.extend(error.errors)
        return None


def _is_whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
