"""Stand-ins for packages that a script imports: quotes come from the data set, charts go nowhere."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pandas as pd
from backtesting import Strategy
from backtesting.lib import crossover

from backtests.engine.inside.script.data.supply import Supply
from backtests.engine.inside.script.words import words

# Charts, colours and bars of progress: nothing that a result depends on.
_DECORATION = words(
    "matplotlib matplotlib.pyplot matplotlib.dates matplotlib.ticker matplotlib.gridspec matplotlib.patches seaborn",
    "plotly plotly.graph_objects plotly.graph_objs plotly.express plotly.subplots plotly.offline plotly.io mplfinance",
    "colorama termcolor IPython IPython.display webbrowser winsound pyfiglet quantstats tabulate dash streamlit",
)
_FREQUENCIES_MS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}


class Anything:
    """Answers every use with itself, so that drawing goes by without a chart. As text it is empty."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *_: object, **__: object) -> Any:
        return self

    def __getitem__(self, _: object) -> Any:
        return self

    def __setitem__(self, *_: object) -> None: ...

    def __iter__(self) -> Iterator[Any]:
        return iter((self, self))

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None: ...

    def __add__(self, other: Any) -> Any:
        return other if isinstance(other, str) else self

    __radd__ = __add__

    def __str__(self) -> str:
        return ""


class Stub(ModuleType):
    """A module that has every name."""

    __path__: list[str] = []

    def __init__(self, name: str, **held: Any) -> None:
        super().__init__(name)
        self.__dict__.update(held)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything()


def stand_ins(supply: Supply) -> dict[str, ModuleType]:
    """Modules by name. Of decoration only what is not installed."""
    found: dict[str, ModuleType] = {name: Stub(name) for name in _DECORATION if not _is_installed(name)}
    if "termcolor" in found:
        found["termcolor"].__dict__.update(colored=lambda text="", *_, **__: text, cprint=_cprint)
    if not _is_installed("tqdm"):
        found |= {name: Stub(name, tqdm=Bar, trange=_range) for name in ("tqdm", "tqdm.auto", "tqdm.notebook")}
    if not _is_installed("numba"):
        found["numba"] = Stub("numba", njit=_undecorated, jit=_undecorated, vectorize=_undecorated, prange=range)
    return found | _quotes(supply) | {"backtesting.test": _examples(supply)}


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

    class SmaCross(Strategy):
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


def _quotes(supply: Supply) -> dict[str, ModuleType]:
    """Services that give prices."""

    class Ticker(Anything):
        def history(self, *_: object, **__: object) -> pd.DataFrame:
            return supply.quotes()

    class Exchange(Anything):
        rateLimit = 0  # noqa: N815

        def fetch_ohlcv(
            self, symbol: str = "", timeframe: str = "", since: Any = None, limit: Any = None, *_: object, **__: object
        ) -> list[list[float]]:
            return supply.candles(since, limit)

        fetchOHLCV = fetch_ohlcv  # noqa: N815

        def parse8601(self, text: str) -> int:
            return int(pd.Timestamp(text).timestamp() * 1000)

        def parse_timeframe(self, text: str) -> int:
            return int(text[:-1]) * _FREQUENCIES_MS[text[-1].lower()] // 1000

        def milliseconds(self) -> int:
            return int(pd.Timestamp(supply.frame.index[-1]).timestamp() * 1000)

    class Client(Anything):
        def get_historical_klines(self, *_: object, **__: object) -> list[list[Any]]:
            return [[*row, row[0], 0, 0, 0, 0, 0] for row in supply.candles()]

        get_klines = get_historical_klines

    def download(*_: object, **__: object) -> pd.DataFrame:
        return supply.quotes()

    exchanges = Stub("ccxt", **{name: lambda *_, **__: Exchange() for name in _EXCHANGES})
    client = Stub("binance.client", Client=lambda *_, **__: Client())
    return {
        "yfinance": Stub("yfinance", download=download, Ticker=lambda *_, **__: Ticker()),
        "ccxt": exchanges,
        "binance": Stub("binance", Client=client.Client, client=client),
        "binance.client": client,
        "pandas_datareader": Stub("pandas_datareader", DataReader=download, data=Stub("data", DataReader=download)),
        "pandas_datareader.data": Stub("pandas_datareader.data", DataReader=download, get_data_yahoo=download),
    }


_EXCHANGES = words(
    "binance binanceusdm binanceus bybit kraken coinbase coinbasepro coinbaseexchange bitstamp bitfinex okx okex",
    "kucoin kucoinfutures gate gateio huobi htx bitget mexc phemex hyperliquid deribit bitmex gemini",
)
