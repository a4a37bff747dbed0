"""The registry as a whole."""

from __future__ import annotations

import inspect
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import pytest

from backtests.rbi.indicators import REGISTRY, Definition
from tests.backtests.rbi import bars

FRAME = bars.made(400)
ALL = pytest.mark.parametrize("definition", REGISTRY.values(), ids=list(REGISTRY))


def computed(definition: Definition, frame: pd.DataFrame) -> tuple[np.ndarray, ...]:
    """Every line of an indicator with its default numbers."""
    columns = [frame.index if name == "index" else frame[name.capitalize()].to_numpy() for name in definition.columns]
    numbers = [int(argument.default) if argument.whole else argument.default for argument in definition.args]
    found = definition.function(*columns, *numbers)
    return found if isinstance(found, tuple) else (found,)


def test_it_lists_at_least_thirty_five_indicators() -> None:
    assert len(REGISTRY) >= 35


def test_it_gives_no_word_two_meanings() -> None:
    words = Counter(word for definition in REGISTRY.values() for word in definition.words)
    lines = Counter(word for definition in REGISTRY.values() for line in definition.outputs for word in line.words)
    assert [word for word, times in (words + lines).items() if times > 1] == []
    assert [word for word in (*words, *lines) if word != word.lower()] == []


@ALL
def test_it_can_be_named_in_words(definition: Definition) -> None:
    assert definition.words or all(line.words or line.unit == "count" for line in definition.outputs)
    assert definition.formula.endswith(".")


@ALL
def test_its_defaults_are_within_its_bounds(definition: Definition) -> None:
    for argument in definition.args:
        assert argument.low <= argument.default <= argument.high
        assert not argument.whole or argument.default == int(argument.default)


@ALL
def test_it_gives_a_value_for_each_bar_and_line(definition: Definition) -> None:
    lines = computed(definition, FRAME)
    assert len(lines) == len(definition.outputs)
    for line in lines:
        assert line.shape == (len(FRAME),)
        assert line.dtype == np.float64
        assert np.isfinite(line[-150:]).all()


@ALL
def test_it_never_looks_ahead(definition: Definition) -> None:
    whole = computed(definition, FRAME)
    for cut in (120, 251, 390):
        for line, part in zip(whole, computed(definition, FRAME[:cut]), strict=True):
            np.testing.assert_allclose(part, line[:cut], rtol=1e-9, atol=1e-9)


@ALL
def test_it_survives_bars_that_never_move(definition: Definition) -> None:
    still = pd.DataFrame({"Open": 5.0, "High": 5.0, "Low": 5.0, "Close": 5.0, "Volume": 0.0}, index=FRAME.index[:120])
    for line in computed(definition, still):
        assert line.shape == (120,)
        assert not np.isinf(line).any()


@ALL
def test_it_survives_too_few_bars(definition: Definition) -> None:
    for count in (1, 2, 5):
        assert all(line.shape == (count,) for line in computed(definition, FRAME[:count]))


@ALL
def test_it_brings_every_function_that_it_stands_on(definition: Definition) -> None:
    space: dict[str, Any] = {"np": np, "pd": pd}
    for function in definition.functions().values():
        exec("from __future__ import annotations\n" + inspect.getsource(function), space)  # noqa: S102
    alone = space[definition.function.__name__]
    columns = [FRAME.index if name == "index" else FRAME[name.capitalize()].to_numpy() for name in definition.columns]
    numbers = [int(argument.default) if argument.whole else argument.default for argument in definition.args]
    found = alone(*columns, *numbers)
    for line, own in zip(found if isinstance(found, tuple) else (found,), computed(definition, FRAME), strict=True):
        np.testing.assert_array_equal(line, own)
