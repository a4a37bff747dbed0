"""Other values for the parameters of a strategy, within their bounds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from backtests.rbi.spec import Parameter, Specification, check
from moondev.lib.errors import FieldError, Invalid
from moondev.lib.finite import is_number


def apply_edits(specification: Specification, edits: Mapping[str, object]) -> Specification:
    """The specification with those values. Raises Invalid that names every field which cannot have its value."""
    errors = [error for name, value in edits.items() for error in _errors(specification, name, value)]
    if errors:
        raise Invalid(errors[0].detail, tuple(errors))
    changed = {
        name: specification.parameters[name].model_copy(update={"value": float(value)})  # type: ignore[arg-type]
        for name, value in edits.items()
    }
    made = specification.model_copy(update={"parameters": {**specification.parameters, **changed}})
    check(made)
    return made


def _errors(specification: Specification, name: str, value: object) -> Iterator[FieldError]:
    pointer = f"/parameters/{name}"
    parameter = specification.parameters.get(name)
    if parameter is None:
        known = ", ".join(specification.parameters)
        yield FieldError(pointer, f"The strategy has no parameter {name}. It has: {known}.")
    elif not is_number(value):
        yield FieldError(pointer, f"{parameter.label or name} is a number.")
    elif detail := _beyond(parameter, float(value)):
        yield FieldError(pointer, f"{parameter.label or name} {detail}")


def _beyond(parameter: Parameter, value: float) -> str:
    if parameter.whole and value != int(value):
        return "is a whole number."
    if parameter.low is not None and value < parameter.low:
        return f"is at least {parameter.low:g}."
    if parameter.high is not None and value > parameter.high:
        return f"is at most {parameter.high:g}."
    return ""
