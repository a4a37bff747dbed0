"""What clients of the first generation send and parse, byte for byte, against the real server."""

from __future__ import annotations

import io
import socket
import time
from urllib.parse import urlsplit

import pandas as pd
import pytest
from pandas.api.types import is_numeric_dtype

from accounts.models import User, Workspace
from gateway.keys.services import create_key
from marketdata import live
from marketdata.state import REMEMBERED_SEC
from tests.live import LiveService

pytestmark = pytest.mark.slow

FILES = {
    "liq_data.csv": "symbol,side,order_type,time_in_force,original_quantity,price,average_price,order_status,"
    "order_last_filled_quantity,order_filled_accumulated_quantity,order_trade_time,usd_size",
    "funding.csv": "event_time,symbol,funding_rate,yearly_funding_rate",
    "oi.csv": "symbol,openInterest,price,time",
    "oi_total.csv": "time,total_oi_usd,btc_oi_usd,eth_oi_usd",
    "new_token_addresses.csv": "Token Address,Time Found,Epoch Time,Solscan Link,DexScreener Link,Birdeye Link",
}
COPYBOT = {
    "follow_list": "wallet,label,added_at",
    "recent_txs": "blockTime,wallet,contract_address,symbol,side,amount,usd_value,birdeye_link",
}
PATHS = {f"/files/{name}": header for name, header in FILES.items()} | {
    f"/copybot/data/{name}": header for name, header in COPYBOT.items()
}


def exchange(url: str, path: str, secret: str) -> tuple[bytes, bytes]:
    """Ask as the plainest client does and read to the end: (head, body) as they came over the wire."""
    parts = urlsplit(url)
    request = f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nX-API-Key: {secret}\r\nConnection: close\r\n\r\n"
    with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=30) as connection:
        connection.sendall(request.encode())
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    head, body = answer.split(b"\r\n\r\n", 1)
    return head, body


@pytest.fixture
def secret(workspace: Workspace, olivia: User) -> str:
    live.read_lately()
    # The server remembers the market of the test before for so long.
    time.sleep(REMEMBERED_SEC)
    return create_key(workspace=workspace, actor=olivia, name="old client")[1]


def test_it_answers_the_bytes_that_old_clients_send_with_a_file_that_they_parse(
    live_service: LiveService, secret: str
) -> None:
    url = live_service("gateway")
    for path, header in PATHS.items():
        head, body = exchange(url, f"{path}?limit=5", secret)
        assert head.split(b" ", 2)[1] == b"200", (path, head, body)
        assert body.split(b"\n", 1)[0].decode() == header
        frame = pd.read_csv(io.BytesIO(body))
        assert (len(frame), list(frame.columns)) == (5, header.split(","))


def test_it_gives_old_clients_the_types_that_they_calculate_with(live_service: LiveService, secret: str) -> None:
    url, options = live_service("gateway"), {"X-API-Key": secret}
    liquidations = pd.read_csv(f"{url}/files/liq_data.csv?limit=1000", storage_options=options)
    assert liquidations["order_trade_time"].is_monotonic_increasing
    assert pd.to_datetime(liquidations["order_trade_time"], unit="ms").dt.year.min() > 2020
    product = liquidations["order_filled_accumulated_quantity"] * liquidations["price"]
    assert (liquidations["usd_size"] - product).abs().max() < 1e-6
    funding = pd.read_csv(f"{url}/files/funding.csv", storage_options=options)
    assert is_numeric_dtype(funding["funding_rate"])
    assert pd.to_datetime(funding["event_time"]).notna().all()
    interest = pd.read_csv(f"{url}/files/oi.csv", storage_options=options)
    assert interest["symbol"].str.endswith("USDT").all()


@pytest.mark.parametrize("path", ["/files/..%2Fliq_data.csv", "/files/%2e%2e/liq_data.csv", "/files/liq_data.csv%00"])
def test_it_answers_404_to_a_path_that_is_no_file(live_service: LiveService, secret: str, path: str) -> None:
    head, body = exchange(live_service("gateway"), path, secret)
    assert head.split(b" ", 2)[1] == b"404"
    assert b"application/problem+json" in head
    assert b"SELL" not in body
