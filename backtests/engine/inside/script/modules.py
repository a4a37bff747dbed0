"""Stand-ins for packages that a script imports: prices come from the data set, charts go nowhere."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pandas as pd
from backtesting import Strategy
from backtesting.lib import crossover

from backtests.engine.inside.script.data.supply import Supply
from backtests.engine.inside.script.services import services
from backtests.engine.inside.script.stubs import Anything, Stub
from backtests.engine.inside.script.words import words

# Charts, colours and bars of progress: nothing that a result depends on.
_DECORATION = words(
    "matplotlib matplotlib.pyplot matplotlib.dates matplotlib.ticker matplotlib.gridspec matplotlib.patches seaborn",
    "plotly plotly.graph_objects plotly.graph_objs plotly.express plotly.subplots plotly.offline plotly.io mplfinance",
    "colorama termcolor IPython IPython.display webbrowser winsound pyfiglet quantstats tabulate dash streamlit",
)


def stand_ins(supply: Supply) -> dict[str, ModuleType]:
    """Modules by name. Of decoration only what is not installed."""
    found: dict[str, ModuleType] = {name: Stub(name) for name in _DECORATION if not _is_installed(name)}
    if "termcolor" in found:
        found["termcolor"].__dict__.update(colored=lambda text="", *_, **__: text, cprint=_cprint)
    if not _is_installed("tqdm"):
        found |= {name: Stub(name, tqdm=Bar, trange=_range) for name in ("tqdm", "tqdm.auto", "tqdm.notebook")}
    if not _is_installed("numba"):
        found["numba"] = Stub("numba", njit=_undecorated, jit=_undecorated, vectorize=_undecorated, prange=range)
    return found | services(supply) | {"backtesting.test": _examples(supply)}


def drawing() -> list[tuple[type, str, Any]]:
    """What draws in pandas, charts and bars of progress."""
    kinds = (pd.DataFrame, pd.Series)
    drawn: list[tuple[type, str, Any]] = [(kind, name, Anything()) for kind in kinds for name in ("plot", "hist")]
    return drawn + [(kind, "progress_apply", kind.apply) for kind in kinds]


def _is_installed(name: str) -> bool:
    return importlib.util.find_spec(name.partition(".")[0]) is not None


def _cprint(text: object = "", *_: object, **options: Any) -> None:
    print(text, **{key: value for key, value in options.items() if key in ("end", "sep", "flush")})  # noqa: T201


class Bar(Anything):
    """A bar of progress that is not drawn; what it counts goes through it."""

    def __init__(self, values: Any = (), *_: object, **__: object) -> None:
        self._values = values

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    @staticmethod
    def pandas(*_: object, **__: object) -> None: ...


def _range(*bounds: int, **_: object) -> range:
    return range(*bounds)


def _undecorated(*given: Any, **_: object) -> Any:
    """A decorator, used with or without arguments, that leaves the function as it is."""
    return given[0] if len(given) == 1 and callable(given[0]) else lambda function: function


def _examples(supply: Supply) -> ModuleType:
    """`backtesting.test`, whose data is the data set."""

    class SmaCross(Strategy):  # type: ignore[misc]
        fast = 10
        slow = 20

        def init(self) -> None:
            self.sma1 = self.I(_sma, self.data.Close, self.fast)
            self.sma2 = self.I(_sma, self.data.Close, self.slow)

        def next(self) -> None:
            if crossover(self.sma1, self.sma2):
                self.position.close()
                self.buy()
            elif crossover(self.sma2, self.sma1):
                self.position.close()
                self.sell()

    module = ModuleType("backtesting.test")

    def held(name: str) -> Any:
        if name not in ("GOOG", "EURUSD", "BTCUSD"):
            raise AttributeError(name)
        supply.note(f"The run's data set was supplied for the example data {name}.")
        return supply.frame.copy()

    module.__dict__.update(SMA=_sma, SmaCross=SmaCross, __getattr__=held)
    return module


def _sma(values: Any, n: int) -> pd.Series:
    return pd.Series(values).rolling(n).mean()
