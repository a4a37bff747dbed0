"""What people write becomes the rules that they mean, all of them and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from backtests.rbi.generator import generate
from backtests.rbi.grammar import read
from backtests.rbi.spec import check, in_words

FOLDER = Path(__file__).parent / "phrasings"


def phrasings() -> list[tuple[str, list[str]]]:
    """The texts of the folder, each with the rules below it."""
    found: list[tuple[str, list[str]]] = []
    for file in sorted(FOLDER.glob("*.txt")):
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.startswith("    "):
                found[-1][1].append(line.strip())
            elif line and not line.startswith("#"):
                found.append((line.replace("\\n", "\n"), []))
    return found


PHRASINGS = phrasings()
WHOLE = "Each position takes 100% of the equity."


def test_it_knows_at_least_a_hundred_and_twenty_phrasings() -> None:
    assert len({text.lower() for text, _ in PHRASINGS}) >= 120


@pytest.mark.parametrize(("text", "rules"), PHRASINGS, ids=[text[:60] for text, _ in PHRASINGS])
def test_it_reads_what_people_write(text: str, rules: list[str]) -> None:
    reading = read(text)
    assert reading.not_understood == []
    assert reading.specification is not None
    found = in_words(reading.specification)
    assert [sentence for sentence in found if sentence != WHOLE] == [rule for rule in rules if rule != WHOLE]
    # Whatever is read can be run and shown.
    check(reading.specification)
    compile(generate(reading.specification), "strategy.py", "exec")
    assert all(text[span.start : span.end] == span.text for span in reading.understood)


@pytest.mark.parametrize(
    "same",
    [
        ["rsi(14)", "RSI 14", "14 RSI", "14-period RSI", "14 period RSI", "the 14-bar RSI", "RSI of 14", "RSI (14)"],
        ["RSI with a period of 14", "RSI(length=14)", "RSI[14]".replace("[", "(").replace("]", ")"), "rsi14", "14RSI"],
    ],
)
def test_it_takes_every_usual_notation(same: list[str]) -> None:
    expected = ["Buy when RSI(14) is below 30.", "Sell when RSI(14) is above 70.", WHOLE]
    for notation in same:
        reading = read(f"buy when {notation} < 30, sell when {notation} > 70")
        assert reading.specification is not None, notation
        assert in_words(reading.specification) == expected


@pytest.mark.parametrize(
    ("notation", "shown"),
    [
        ("the 200-day moving average", "SMA(200 days)"),
        ("200 day SMA", "SMA(200 days)"),
        ("SMA(200d)", "SMA(200 days)"),
        ("a 200-day simple moving average", "SMA(200 days)"),
        ("the 10-week EMA", "EMA(10 weeks)"),
        ("the 200 SMA", "SMA(200)"),
        ("MA200", "SMA(200)"),
        ("the 50-hour EMA", "EMA(50 hours)"),
        ("the upper Bollinger Band (20, 2.5)", "Upper Bollinger band(20, 2.5)"),
        ("Bollinger(50) upper band", "Upper Bollinger band(50, 2)"),
        ("Upper BB", "Upper Bollinger band(20, 2)"),
        ("the 20-day high", "Highest high(20 days) 1 bar ago"),
        ("the highest high of the last 20 bars", "Highest high(20) 1 bar ago"),
        ("the high of the last 20 candles", "Highest high(20) 1 bar ago"),
        ("the highest close of 20 bars", "Highest high(the close, 20) 1 bar ago"),
        ("yesterday's high", "Yesterday's high"),
        ("the previous day's high", "Yesterday's high"),
        ("the previous high", "the high 1 bar ago"),
        ("the close of 3 bars ago", "the close 3 bars ago"),
        ("close[3]", "the close 3 bars ago"),
        ("3% above the 20 EMA", "(EMA(20) * 1.03)"),
        ("the 20 EMA plus 2 ATR", None),
        ("20 EMA + 2 * ATR(14)", "(EMA(20) + (2 * ATR(14)))"),
        ("the EMA(high, 20)", "EMA(the high, 20)"),
        ("supertrend(10, 3)", "Supertrend(10, 3)"),
        ("VWAP", "VWAP"),
    ],
)
def test_it_takes_prices_in_every_usual_notation(notation: str, shown: str | None) -> None:
    reading = read(f"buy when close > {notation}, exit after 5 bars")
    if shown is None:
        assert reading.specification is None
    else:
        assert reading.specification is not None, reading.not_understood
        assert in_words(reading.specification)[0] == f"Buy when the close is above {shown}."


def test_it_does_not_mind_case_or_punctuation() -> None:
    plain = read("buy when rsi(14) crosses below 30, sell when rsi rises above 70, stop 2 atr, risk 1%")
    loud = read("BUY WHEN RSI(14) CROSSES BELOW 30!! Sell when RSI rises above 70; STOP: 2 ATR... Risk 1 % 🚀")
    assert plain.specification is not None
    assert loud.specification is not None
    given = {"name", "description"}
    assert loud.specification.model_dump(exclude=given) == plain.specification.model_dump(exclude=given)
