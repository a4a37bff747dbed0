"""What a customer writes on the first day, and patience."""

from __future__ import annotations

import io
from collections.abc import Callable
from time import monotonic, sleep

import pandas as pd
import requests


class Client:
    """A program with an API key."""

    def __init__(self, site: str, key: str) -> None:
        self.site, self.headers = site, {"X-API-Key": key}

    def get(self, path: str) -> requests.Response:
        return requests.get(self.site + path, headers=self.headers, timeout=15)

    def table(self, path: str) -> pd.DataFrame:
        answer = self.get(path)
        answer.raise_for_status()
        return pd.read_csv(io.StringIO(answer.text))

    def plan(self) -> tuple[str, int]:
        """The plan of the key's workspace and its requests a minute."""
        who = self.get("/whoami").json()
        return who["plan"], who["limit_per_min"]


def eventually(check: Callable[[], bool], seconds: float, every: float = 0.1) -> bool:
    """Whether something comes true in time."""
    deadline = monotonic() + seconds
    while not (true := check()) and monotonic() < deadline:
        sleep(every)
    return true
