"""Whatever is typed: reading it never raises, its work is bounded, and what it says of the text is true."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backtests.rbi.generator import generate
from backtests.rbi.grammar import Reading, read
from backtests.rbi.grammar.reading import LONGEST, MOST_NOT_UNDERSTOOD, MOST_TOKENS
from backtests.rbi.grammar.segments import segments_of
from backtests.rbi.grammar.tokens import tokens_of
from backtests.rbi.grammar.vocabulary import meanings

pytestmark = pytest.mark.slow(0.3)

PHRASES = sorted({" ".join(words) for words in meanings()})
NUMBERS = [
    "0",
    "1",
    "2",
    "14",
    "30",
    "200",
    "0.5",
    "1e9",
    "10,000",
    "-80",
    "999999999999999999999",
    "5%",
    "2R",
    "3x",
    "$5",
]
SIGNS = [",", ".", ";", "\n", "(", ")", "[", "]", ":", "=", "-", "+", "*", "/", "<", ">", "->", "🚀", "é", "\x00"]
PIECES = st.one_of(st.sampled_from(PHRASES), st.sampled_from(NUMBERS), st.sampled_from(SIGNS))
# Rules that are nearly right, so that the parser and the builder get far.
CONDITIONS = [
    "rsi < 30",
    "close crosses above the 50 sma",
    "macd crosses",
    "it is above 3",
    "volume is 2x its average",
    "the 20 ema is rising for 3 bars",
    "bullish engulfing",
    "price is 3% below vwap",
    "on mondays",
    "below the cloud",
]
RULES = ["buy when {}", "sell when {}", "short if {}", "exit when {}", "only when {}", "{}", "stop at {}", "{} -> buy"]
ORDERS = ["stop 2%", "trail 3 atr", "target 2r", "risk 1%", "50% of equity", "hold 3 days", "vice versa", "long only"]
NEARLY = st.one_of(
    st.builds(str.format, st.sampled_from(RULES), st.lists(st.sampled_from(CONDITIONS), min_size=1).map(" and ".join)),
    st.sampled_from(ORDERS),
    PIECES,
)


def check_truth(text: str, reading: Reading) -> None:
    assert (reading.specification is None) == bool(reading.not_understood)
    assert len(reading.not_understood) <= MOST_NOT_UNDERSTOOD
    for span in (*reading.understood, *reading.not_understood):
        assert span.hint
        assert 0 <= span.start <= span.end <= len(text)
    if reading.specification is not None:
        compile(generate(reading.specification), "strategy.py", "exec")


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.text(max_size=300))
def test_it_reads_any_text(text: str) -> None:
    check_truth(text, read(text))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(PIECES, max_size=40).map(" ".join))
def test_it_reads_any_words_it_knows(text: str) -> None:
    check_truth(text, read(text))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(NEARLY, min_size=1, max_size=8).map(", ".join))
def test_it_reads_rules_that_are_nearly_right(text: str) -> None:
    check_truth(text, read(text))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(PIECES, max_size=60).map(" ".join))
def test_it_parses_each_token_at_most_once(text: str) -> None:
    """The parser is LALR, so its work is that of its tokens; each segment brings no more than one head of its own."""
    tokens = tokens_of(text)
    segments = segments_of(tokens)
    assert sum(len(segment.tokens) for segment in segments) <= 2 * len(tokens) + len(segments)


@pytest.mark.parametrize(
    "text",
    [
        "buy when " + "(" * 190 + "close > open" + ")" * 190,
        "buy when close > " + " + ".join(["close"] * 100),
        "buy when " + "not " * 190 + "rsi < 3",
        "buy when " + " and ".join(["rsi < 3"] * 90),
        "buy when " + " or ".join(["rsi < 3"] * 20),
        "buy " * 390,
        "1," * 190,
        "9" * LONGEST,
        "1,111" * 390,
        "(((((" * 300,
        "abcdxefghq " * 180,
        "\n" * LONGEST,
        "🚀" * LONGEST,
        "x" * 100_000,
        "close > open and " * MOST_TOKENS,
    ],
    ids=lambda text: text[:20],
)
def test_it_bounds_what_it_reads(text: str) -> None:
    reading = read(text)
    assert reading.specification is None
    check_truth(text, reading)
