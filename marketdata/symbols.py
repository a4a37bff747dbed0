"""The forms in which one contract is written."""

from __future__ import annotations

# Files differ: liquidations say BTC, open interest says BTCUSDT, people type BTC-USDT or BTC/USDT:USDT.
_SETTLED_IN = "USDT"


def symbol_forms(text: str) -> tuple[str, ...]:
    """Every form under which a contract that somebody typed may be stored; USDC pairs and dated futures stay apart.

    `btc`, `BTCUSDT`, `BTC-USDT` and `BTC/USDT:USDT` all give BTC and BTCUSDT.
    """
    typed = text.strip()
    plain = typed.split(":", 1)[0].upper().removesuffix("-SWAP").replace("-", "").replace("/", "")
    base = plain.removesuffix(_SETTLED_IN) or plain
    return tuple(dict.fromkeys((typed, plain, base, base + _SETTLED_IN)))
