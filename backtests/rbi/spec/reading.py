"""From a JSON document to a specification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from backtests.rbi.spec.checks import check
from backtests.rbi.spec.shapes import Specification
from moondev.lib.errors import FieldError, Invalid

MOST_ERRORS = 20
REMEDIES = {
    "missing": "It is missing. Add it.",
    "extra_forbidden": "There is no such field here. Remove it.",
    "union_tag_invalid": "There is no such kind. Use one of: {expected_tags}.",
    "union_tag_not_found": "It has no `kind`. Say which kind it is.",
    "literal_error": "Use one of: {expected}.",
    "string_pattern_mismatch": "Use a name of small letters, digits and _ that begins with a letter.",
    "model_type": "Use an object with named fields.",
    "model_attributes_type": "Use an object with named fields.",
    "dict_type": "Use an object with named fields.",
    "tuple_type": "Use a list.",
    "recursion_loop": "It is nested too deep.",
    "too_long": "Use at most {max_length}.",
    "too_short": "Use at least {min_length}.",
    "string_too_long": "Use at most {max_length} characters.",
    "string_too_short": "Use at least {min_length} character.",
    "greater_than_equal": "Use at least {ge}.",
    "less_than_equal": "Use at most {le}.",
    "finite_number": "Use a finite number.",
}


def read(document: object) -> Specification:
    """The specification of a document. Raises Invalid that names every piece which is wrong, and the remedy."""
    try:
        specification = Specification.model_validate(document)
    except ValidationError as error:
        errors = tuple(
            FieldError(_pointer(found["loc"], document), _remedy(found["type"], found.get("ctx", {})))
            for found in error.errors(include_url=False, include_input=False)[:MOST_ERRORS]
        )
        raise Invalid(f"The specification has faults, the first at {errors[0].pointer or '/'}.", errors) from None
    check(specification)
    return specification


def _pointer(places: Sequence[str | int], document: object) -> str:
    """pydantic names the kind that it tried among the places; a pointer only has what the document has."""
    pointer, node = "", document
    for number, place in enumerate(places):
        if place == "[key]":
            break
        inside = _step(node, place)
        if inside is None and number < len(places) - 1 and place == _kind(node):
            continue
        pointer, node = f"{pointer}/{place}", inside
    return pointer


def _step(node: object, place: str | int) -> Any:
    if isinstance(node, Mapping):
        return node.get(place)
    if isinstance(node, Sequence) and not isinstance(node, str) and isinstance(place, int) and place < len(node):
        return node[place]
    return None


def _kind(node: object) -> object:
    return node.get("kind") if isinstance(node, Mapping) else None


def _remedy(kind: str, context: Mapping[str, Any]) -> str:
    form = REMEDIES.get(kind)
    if form is None:
        wanted = next((word for word in ("int", "float", "bool", "string") if word in kind), "")
        return f"Use a value of this type: {wanted}." if wanted else "The value is not acceptable."
    return form.format_map({name: str(value)[:400] for name, value in context.items()})
