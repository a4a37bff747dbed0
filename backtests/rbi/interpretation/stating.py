"""Rules that people state outright, through the grammar."""

from __future__ import annotations

import re
from collections.abc import Collection

from backtests.rbi import grammar, spec
from backtests.rbi.grammar.reading import KINDS
from backtests.rbi.interpretation.shapes import Assumption, Draft, Piece, Unknown
from backtests.rbi.interpretation.stated import read_stated, timeframe_of
from backtests.rbi.interpretation.telling import needed
from backtests.rbi.interpretation.unknowns import symbols_in
from backtests.rbi.matching import match

# Statements that have a verb; the grammar also reads a bare event, which says less than the blueprint of that name.
WITH_A_VERB = frozenset({KINDS[kind] for kind in ("buy", "short", "sell", "exit", "mirror", "long_only", "short_only")})
VERB = r"\b(?:buy|sell|short|long|enter|exit|close|cover|open)\b"
COMPARED = (
    r"(?:\b(?:cross(?:es|ed|ing)?|(?:clos|ris|fall|drop|break|mov|go)(?:es|s|e)?|is|are|gets?|stays?)\s+)?"
    r"(?:\b(?:above|below|over|under|greater\s+than|less\s+than|higher\s+than|lower\s+than|at\s+least|at\s+most)\b|[<>]=?)"
)
OPERAND = (
    r"(?:\$?\d|[sewh]ma\b|ma\b|vwap\b|signal\b|zero\b|supertrend\b|(?:upper|lower|middle)\s+b|moving\s+average"
    r"|(?:previous|prior|yesterday)\S*\s+(?:high|low|close|open))"
)
STATED = re.compile(
    rf"{VERB}.*?\b(?:when|if|once|whenever|as\s+soon\s+as)\b.*?{COMPARED}\s+(?:(?:the|its|a|an|of|\w+)\s+){{0,2}}{OPERAND}",
    re.IGNORECASE | re.DOTALL,
)
# A sentence is searched for the shape of a rule, a page is not.
LONGEST = 600
NOT_WHOLE = (
    "These are rules, and not all of them were understood, so nothing is run. Say what is named in other words, or say"
    " only what kind of strategy you mean."
)


def draft_stated(text: str, columns: Collection[str]) -> Draft | None:
    """The strategy that the text states; None when it is a vague idea."""
    reading = grammar.read(text)
    if reading.specification is not None and _is_said_as_rules(reading, text):
        return _made(text, reading, reading.specification, columns)
    if reading.specification is None and STATED.search(text[:LONGEST]):
        return _refused(text, reading)
    return None


def _is_said_as_rules(reading: grammar.Reading, text: str) -> bool:
    if any(span.hint in WITH_A_VERB for span in reading.understood):
        return True
    found = match(text)
    return not (found and found[0].is_named)


def _made(text: str, reading: grammar.Reading, found: spec.Specification, columns: Collection[str]) -> Draft:
    assumptions = [Assumption(one.name, one.value, one.why) for one in reading.assumptions]
    stated, _ = read_stated(text)
    return Draft(
        path="stated rules",
        specification=found,
        interpretation=_pieces(reading),
        assumptions=[*assumptions, *needed(found, columns)],
        not_understood=_unknowns(reading),
        rules=spec.in_words(found),
        timeframe=next((timeframe_of(one) for one in stated if one.kind == "timeframe"), ""),
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
