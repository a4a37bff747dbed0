"""Stripe's objects as plain dicts: one constructor a kind, every field with Stripe's type and nullability.

They follow API version 2026-05-27.dahlia. A constructor takes fields by name and refuses one that the kind has not.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

Json = dict[str, Any]


def shaped(fields: Json, given: Json) -> Json:
    """The fields of a kind with the given values in place of the usual ones."""
    unknown = given.keys() - fields.keys()
    if unknown:
        raise TypeError(f"A {fields['object']} has no field {', '.join(sorted(unknown))}.")
    # Copies: what two objects hold is never one and the same, as it is not after a restart either.
    return deepcopy(fields | given)


def listed(data: list[Json], url: str) -> Json:
    """A list inside an object; the sandbox never cuts one."""
    return {"object": "list", "data": data, "has_more": False, "url": url}
