"""Rules that people state outright, through the grammar."""

from __future__ import annotations

from collections.abc import Collection

from backtests.rbi import grammar, spec
from backtests.rbi.grammar.reading import KINDS
from backtests.rbi.interpretation.deciding import states_rules
from backtests.rbi.interpretation.shapes import Assumption, Draft, Piece, Unknown
from backtests.rbi.interpretation.telling import needed
from backtests.rbi.interpretation.unknowns import symbols_in
from backtests.rbi.matching import match

# Statements that have a verb; the grammar also reads a bare event, which says less than the blueprint of that name.
WITH_A_VERB = frozenset({KINDS[kind] for kind in ("buy", "short", "sell", "exit", "mirror", "long_only", "short_only")})
NOT_WHOLE = (
    "These are rules, and not all of them were understood, so nothing is run. Say what is named in other words, or say"
    " only what kind of strategy you mean."
)


def draft_stated(text: str, columns: Collection[str]) -> Draft | None:
    """The strategy that the text states; None when it is a vague idea."""
    reading = grammar.read(text)
    if reading.specification is not None and _is_said_as_rules(reading, text):
        return _made(text, reading, reading.specification, columns)
    if reading.specification is None and states_rules(text):
        return _refused(text, reading)
    return None


def draft_only_stated(text: str, columns: Collection[str]) -> Draft:
    """What the text states and nothing else, where a blueprint would leave out a part of it."""
    reading = grammar.read(text)
    if reading.specification is None:
        return _refused(text, reading)
    return _made(text, reading, reading.specification, columns)


def _is_said_as_rules(reading: grammar.Reading, text: str) -> bool:
    if any(span.hint in WITH_A_VERB for span in reading.understood):
        return True
    found = match(text)
    return not (found and found[0].is_named)


def _made(text: str, reading: grammar.Reading, found: spec.Specification, columns: Collection[str]) -> Draft:
    assumptions = [Assumption(one.name, one.value, one.why) for one in reading.assumptions]
    return Draft(
        path="stated rules",
        specification=found,
        interpretation=_pieces(reading),
        assumptions=[*assumptions, *needed(found, columns)],
        not_understood=_unknowns(reading),
        rules=spec.in_words(found),
        symbols=symbols_in(text),
    )


def _refused(text: str, reading: grammar.Reading) -> Draft:
    return Draft(
        path="stated rules",
        specification=None,
        interpretation=_pieces(reading),
        not_understood=_unknowns(reading),
        alternatives=[one for one in match(text) if one.is_named][:4],
        answer=NOT_WHOLE,
    )


def _pieces(reading: grammar.Reading) -> list[Piece]:
    return [Piece(span.text, f"{span.hint[:1].upper()}{span.hint[1:]}.") for span in reading.understood]


def _unknowns(reading: grammar.Reading) -> list[Unknown]:
    return [Unknown(span.text, span.start, span.end, span.hint) for span in reading.not_understood]
