"""Draft: from what is meant to code that runs, by a model, the built-in drafter, or as the customer wrote it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from backtests import artefacts
from backtests.datasets.timeframes import seconds_of
from backtests.models import Origin, Stage, Strategy
from backtests.rbi import drafter, generator, model, scripts, spec
from backtests.rbi.interpretation.excerpt import rules_in
from backtests.rbi.stages.work import IdeaFailed, Made, Work, step
from backtests.results import count
from backtests.rows import file_name
from moondev.lib.errors import Invalid

LONGEST_NAME = 80
STRATEGY = re.compile(r"^\s*class\s+(\w+)\s*\([^)]*Strategy", re.MULTILINE)
ORIGINS = {"stated rules": Origin.RULES, "blueprint": Origin.BLUEPRINT}


def draft(work: Work, studied: Mapping[str, Any]) -> Stage:
    """Make the first version of the strategy. Raises IdeaFailed when nothing can be made of the idea."""
    given = {"kind": work.idea.kind, "edits": work.idea.edits, "model": model.name_of("draft")}
    row = step(work, "draft", lambda: _drafted(work, studied), given=given, says="Drafting the strategy")
    if row.error_code:
        raise IdeaFailed(row.error_code, row.error_text)
    work.strategy = Strategy.objects.get(pk=row.made["strategy"])
    for note in row.made["notes"]:
        work.note(note["code"], note["text"])
    return row


def keep(
    work: Work,
    *,
    code: str,
    name: str,
    origin: str,
    kind: str,
    specification: spec.Specification | None = None,
    interpretation: dict[str, Any] | None = None,
) -> Strategy:
    """Store the next version of the idea's strategy, with its file and its place in the ledger."""
    before = work.strategy
    values = {
        "workspace": work.run.workspace,
        "parent": before,
        "name": (name or "Strategy")[:LONGEST_NAME],
        "origin": origin,
        "specification": specification.model_dump(mode="json") if specification else None,
        "interpretation": interpretation or {},
        "code": code,
        "code_sha256": hashlib.sha256(code.encode()).hexdigest(),
        "kind": kind,
    }
    version = before.version + 1 if before else 1
    with work.hold.writing():
        strategy, _ = Strategy.objects.update_or_create(idea=work.idea, version=version, defaults=values)
        count(work.hold, "revision", idea=work.idea, strategy=strategy)
    artefacts.write(work.run, "backtests", f"{file_name(work.idea, strategy)}.py", code)
    work.strategy = strategy
    return strategy


def class_in(code: str) -> str:
    """The name of the strategy's class; of several the first."""
    found = STRATEGY.search(code)
    return found[1] if found else "Strategy"


def _drafted(work: Work, studied: Mapping[str, Any]) -> Made:
    if earlier := _of_the_first_run(work):
        return _made(work, _again(work, earlier), "as in the run that this one repeats")
    if work.idea.kind == "code":
        return _made(work, _customers(work), "the customer's code")
    if given := _given_specification(work):
        return _made(work, _generated(work, given, Origin.RULES), "the specification that was given")
    if model.name_of("draft") and (made := _by_model(work, studied)):
        return made
    return _built_in(work, studied)


def _of_the_first_run(work: Work) -> Strategy | None:
    """What a rerun repeats: the code that ran, be it a model's, which would not write the same again."""
    if work.run.rerun_of_id is None:
        return None
    rows = Strategy.objects.filter(idea__run=work.run.rerun_of_id, idea__position=work.idea.position)
    return rows.filter(results__isnull=False).order_by("-version").first()


def _again(work: Work, earlier: Strategy) -> Strategy:
    found = spec.read(earlier.specification) if earlier.specification else None
    return keep(
        work, code=earlier.code, name=earlier.name, origin=earlier.origin, kind=earlier.kind, specification=found,
        interpretation=earlier.interpretation,
    )  # fmt: skip


def _customers(work: Work) -> Strategy:
    found = scripts.read(work.idea.text)
    for note in found.notes:
        work.note("taken_from_text", note)
    return keep(work, code=found.code, name=class_in(found.code), origin=Origin.CUSTOMER, kind="script")


def _given_specification(work: Work) -> spec.Specification | None:
    document = work.idea.edits.get("specification")
    if document is None and work.idea.kind == "specification":
        document = json.loads(work.idea.text)
    return _read(document) if document is not None else None


def _read(document: Any) -> spec.Specification:
    try:
        return spec.read(document)
    except Invalid as error:
        raise IdeaFailed("specification", f"The specification is not valid. {error.detail}") from None


def _generated(
    work: Work, found: spec.Specification, origin: str, interpretation: dict[str, Any] | None = None
) -> Strategy:
    found = _edited(work, found)
    code = generator.generate(found)
    return keep(
        work, code=code, name=found.name, origin=origin, kind="module", specification=found,
        interpretation=interpretation,
    )  # fmt: skip


def _edited(work: Work, found: spec.Specification) -> spec.Specification:
    """The specification with the numbers that the customer set in the form."""
    try:
        return drafter.apply_edits(found, work.idea.edits.get("parameters") or {})
    except Invalid as error:
        raise IdeaFailed("parameters", error.detail) from None


def _by_model(work: Work, studied: Mapping[str, Any]) -> Made | None:
    """A specification or code that a model wrote; None when it gave neither, and then the built-in drafter does it."""
    answer = model.ask_for_strategy(work, {"idea": _told(studied)})
    if answer is None:
        return None
    if answer.specification is not None:
        strategy = _generated(work, answer.specification, Origin.MODEL)
    else:
        strategy = keep(work, code=answer.code, name=class_in(answer.code), origin=Origin.MODEL, kind="script")
    return _made(work, strategy, f"a model, {model.name_of('draft')}")


def _told(studied: Mapping[str, Any]) -> str:
    return str(studied.get("study") or studied.get("text") or "")


def _built_in(work: Work, studied: Mapping[str, Any]) -> Made:
    columns = _columns(work)
    found = drafter.draft(_sentence(work, studied, columns), columns=columns)
    if found.specification is None or (found.path == "stated rules" and found.not_understood):
        raise IdeaFailed("not_understood", _not_understood(found))
    _note(work, found)
    strategy = _generated(work, found.specification, ORIGINS[found.path], _interpretation(found))
    return _made(work, strategy, found.path)


def _note(work: Work, found: drafter.Draft) -> None:
    """What the drafter had to add, and what the data sets do not have."""
    if count := len(found.assumptions):
        what = "One rule or number was" if count == 1 else f"{count} rules or numbers were"
        work.note("assumed", f"{what} assumed: see the strategy's interpretation.")
    if others := _of_another_timeframe(work, found.timeframe):
        text = f"The idea speaks of {found.timeframe} bars, which these have not: {', '.join(others)}."
        work.note("other_timeframe", text)


def _of_another_timeframe(work: Work, timeframe: str) -> list[str]:
    """The names of the data sets whose bars are not those that the idea speaks of."""
    try:
        wanted = seconds_of(timeframe)
    except Invalid:
        return []
    return [str(dataset) for dataset in work.context.datasets if dataset.timeframe_sec != wanted]


def _columns(work: Work) -> set[str]:
    """What every data set of the run has: an idea about more gets a stand-in, and says so."""
    held = [set(dataset.columns) for dataset in work.context.datasets]
    return {"open", "high", "low", "close"}.union(set.intersection(*held))


def _interpretation(found: drafter.Draft) -> dict[str, Any]:
    return {
        "path": found.path,
        "blueprint": found.blueprint,
        "rules": list(found.rules),
        "pieces": [asdict(piece) for piece in found.interpretation],
        "assumptions": [asdict(assumption) for assumption in found.assumptions],
        "not_understood": [asdict(words) for words in found.not_understood],
        "alternatives": [match.blueprint.name for match in found.alternatives],
    }


def _sentence(work: Work, studied: Mapping[str, Any], columns: set[str]) -> str:
    """What the drafter reads: the words, or of a page what a model made of it, else what of it can be a strategy."""
    text = _told(studied)
    if work.idea.kind != "link" or studied.get("study"):
        return text
    return _of_page(work, str(studied.get("title") or ""), text, columns)


def _of_page(work: Work, title: str, text: str, columns: set[str]) -> str:
    """The sentences of a page that state rules; without any the title where it names an idea, else all of it."""

    def read(words: str) -> drafter.Draft:
        return drafter.draft(words, columns=columns)

    if stated := rules_in(text, read):
        work.note("excerpt", f"Of the page these sentences were taken, and no others: {stated}")
        return stated
    return title if read(title).specification else f"{title}\n{text}"


def _not_understood(found: drafter.Draft) -> str:
    words = ", ".join(f"“{unknown.text}”" for unknown in found.not_understood[:8])
    if words and found.path == "stated rules":
        return f"Not understood: {words}. Say it in other words; nothing half-understood is run."
    return found.answer or "No rule and no known kind of strategy was found in these words. Say when to buy and sell."


def _made(work: Work, strategy: Strategy, way: str) -> Made:
    document = {"strategy": strategy.pk, "name": strategy.name, "way": way, "origin": strategy.origin}
    return Made({**document, "interpretation": strategy.interpretation, "notes": work.notes}, text=f"Drafted: {way}")
