"""The code of a result, as somebody can run it by themselves and get the same numbers."""

from __future__ import annotations

from backtests.engine.settings import read_settings
from backtests.models import Result
from backtests.rbi import generator, spec


def code_of(result: Result) -> str:
    """The strategy with the result's parameters and the run's account; code that somebody wrote stays as it is."""
    strategy = result.strategy
    if strategy.specification is None:
        return strategy.code
    drafted = spec.read(strategy.specification)
    parameters = {
        name: parameter.model_copy(update={"value": result.parameters.get(name, parameter.value)})
        for name, parameter in drafted.parameters.items()
    }
    found = drafted.model_copy(update={"parameters": parameters})
    return generator.generate(found, read_settings(result.run.settings))
