"""Services that scripts download prices from: yfinance, ccxt, Binance, pandas_datareader. All give the data set."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pandas as pd

from backtests.engine.inside.script.data.supply import Supply
from backtests.engine.inside.script.stubs import Anything, Stub
from backtests.engine.inside.script.words import words

_SECONDS = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_EXCHANGES = words(
    "binance binanceusdm binanceus bybit kraken coinbase coinbasepro coinbaseexchange bitstamp bitfinex okx okex",
    "kucoin kucoinfutures gate gateio huobi htx bitget mexc phemex hyperliquid deribit bitmex gemini",
)


class Service(Anything):
    """Something that gives prices; whatever else is asked of it is answered with anything."""

    def __init__(self, supply: Supply) -> None:
        self._supply = supply


class Ticker(Service):
    """yfinance's."""

    def history(self, *_: object, **__: object) -> pd.DataFrame:
        return self._supply.quotes()


class Exchange(Service):
    """ccxt's."""

    rateLimit = 0  # noqa: N815

    def fetch_ohlcv(
        self, symbol: str = "", timeframe: str = "", since: Any = None, limit: Any = None, *_: object, **__: object
    ) -> Any:
        return self._supply.candles(since, limit)

    fetchOHLCV = fetch_ohlcv  # noqa: N815

    def parse8601(self, text: str) -> int:
        return int(pd.Timestamp(text).timestamp() * 1000)

    def parse_timeframe(self, text: str) -> int:
        return int(text[:-1]) * _SECONDS[text[-1].lower()]

    def milliseconds(self) -> int:
        return int(pd.Timestamp(self._supply.frame.index[-1]).timestamp() * 1000)


class Awaited(Exchange):
    """ccxt.async_support's."""

    async def fetch_ohlcv(self, *given: Any, **named: Any) -> Any:
        return super().fetch_ohlcv(*given, **named)

    async def load_markets(self, *_: object) -> dict[str, Any]:
        return {}

    async def close(self) -> None: ...


class Client(Service):
    """python-binance's."""

    def get_historical_klines(self, *_: object, **__: object) -> list[list[Any]]:
        return [[*row, row[0], 0, 0, 0, 0, 0] for row in self._supply.candles()]

    get_klines = futures_klines = futures_historical_klines = get_historical_klines


def services(supply: Supply) -> dict[str, ModuleType]:
    """Modules by name."""

    def download(*_: object, **__: object) -> pd.DataFrame:
        return supply.quotes()

    later = Stub("ccxt.async_support", **_exchanges(Awaited, supply))
    client = Stub("binance.client", Client=_made(Client, supply))
    reader = Stub("pandas_datareader.data", DataReader=download, get_data_yahoo=download)
    return {
        "yfinance": Stub("yfinance", download=download, Ticker=_made(Ticker, supply)),
        "ccxt": Stub("ccxt", async_support=later, **_exchanges(Exchange, supply)),
        "ccxt.async_support": later,
        "binance": Stub("binance", Client=client.Client, client=client),
        "binance.client": client,
        "requests": _requests(),
        "pandas_datareader": Stub("pandas_datareader", DataReader=download, data=reader),
        "pandas_datareader.data": reader,
    }


def _requests() -> ModuleType:
    """requests, without a network."""

    def call(*_: object, **__: object) -> Any:
        raise ConnectionError("There is no network in a run.")

    errors = {"RequestException": OSError, "HTTPError": OSError}
    errors |= {"ConnectionError": ConnectionError, "Timeout": TimeoutError}
    verbs = dict.fromkeys(("get", "post", "put", "delete", "head", "request", "Session", "session"), call)
    return Stub("requests", exceptions=Stub("requests.exceptions", **errors), **errors, **verbs)


def _exchanges(kind: type[Exchange], supply: Supply) -> dict[str, Callable[..., Exchange]]:
    return dict.fromkeys(_EXCHANGES, _made(kind, supply))


def _made(kind: Callable[[Supply], Any], supply: Supply) -> Callable[..., Any]:
    """A constructor that takes whatever the real one takes."""
    return lambda *_, **__: kind(supply)
