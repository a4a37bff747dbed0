"""What a vague idea states of its own, what is assumed, and what is said of the rest."""

from __future__ import annotations

import pytest

from backtests.rbi import spec
from backtests.rbi.blueprints import COLUMNS, LIBRARY
from backtests.rbi.check import check
from backtests.rbi.drafter import Draft, apply_edits, draft
from backtests.rbi.generator import generate
from moondev.lib.errors import Invalid
from tests.backtests.rbi.blueprints.bars import MARKETS
from tests.backtests.rbi.blueprints.test_blueprints import trades
from tests.backtests.rbi.matching.ideas import HALF_UNDERSTOOD, IDEAS, STATED

CASCADES = "volume divergence with liquidation cascades on breakouts"


def made(text: str) -> spec.Specification:
    specification = draft(text).specification
    assert specification is not None
    return specification


def value(text: str, name: str) -> float:
    return made(text).parameters[name].value


def unknown(found: Draft) -> dict[str, str]:
    return {one.text: one.hint for one in found.not_understood}


def became(found: Draft) -> dict[str, str]:
    return {piece.words: piece.became for piece in found.interpretation}


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("RSI 21 oversold bounce", "rsi_period", 21),
        ("rsi(7) oversold", "rsi_period", 7),
        ("21 period rsi oversold bounce", "rsi_period", 21),
        ("rsi 25/75 reversal, oversold", "oversold", 25),
        ("rsi 25/75 reversal, oversold", "overbought", 75),
        ("oversold at 20 rsi bounce", "oversold", 20),
        ("short overbought rsi above 80", "overbought", 80),
        ("ema 9 21 crossover", "fast", 9),
        ("ema 9 21 crossover", "slow", 21),
        ("50/200 sma golden cross", "slow", 200),
        ("golden cross", "fast", 50),
        ("golden cross", "slow", 200),
        ("golden cross 20/100 on the daily", "slow", 100),
        ("10/30 death cross", "fast", 10),
        ("use ema 9 and ema 21 with rsi", "slow", 21),
        ("9 ema and 34 ema trend", "slow", 34),
        ("macd 12 26 9 and 100 ema filter", "trend_period", 100),
        ("momentum of the last 7 days", "change_bars", 7),
        ("3 ema strategy 5, 13 and 34 ema", "middle_ema", 13),
        ("macd 8 21 5 cross", "macd_signal", 5),
        ("bollinger bounce 2.5 std", "band_width", 2.5),
        ("bollinger bands 30 2.5 bounce", "band_period", 30),
        ("supertrend(14, 2)", "supertrend_width", 2),
        ("donchian 55 breakout", "breakout_bars", 55),
        ("breakout of the 50 bar high", "breakout_bars", 50),
        ("turtle with 55 bar breakout and 20 bar exit", "exit_bars", 20),
        ("3x average volume spike", "volume_times", 3),
        ("volume spike, volume > 2.5x", "volume_times", 2.5),
        ("5 red candles in a row, fade", "streak_bars", 5),
        ("three down days in a row", "streak_bars", 3),
        ("zscore > 2.5 mean reversion", "stretch", 2.5),
        ("zscore > 2.5 mean reversion", "low_stretch", -2.5),
        ("adx above 30 di cross", "strong", 30),
        ("vwap fade 1.5 atr away", "distance", 1.5),
        ("funding above 95th percentile", "crowded", 95),
        ("breakout, stop 3%", "stop_percent", 3),
        ("breakout with a 1.5 atr stop", "stop_atr", 1.5),
        ("breakout sl 2% tp 6%", "target_percent", 6),
        ("breakout, 5% take profit", "target_percent", 5),
        ("breakout with trailing stop of 4 atr", "stop_atr", 4),
        ("breakout, risk 1% per trade", "risk", 1),
        ("breakout with 1:3 rr", "reward", 3),
        ("breakout, target 2r", "reward", 2),
        ("breakout with 10% of equity", "size", 0.1),
        ("breakout, $500 per trade", "cash", 500),
        ("breakout, hold 24 hours", "hold_time", 24),
        ("breakout, exit after 10 bars", "hold_time", 10),
        ("breakout above the 100 ema", "trend_period", 100),
        ("breakout 50 ema filter", "trend_period", 50),
    ],
)
def test_it_puts_stated_numbers_in_place_of_the_blueprints(text: str, name: str, expected: float) -> None:
    found = draft(text)
    assert found.specification is not None
    assert found.specification.parameters[name].value == expected
    assert not [word for word in unknown(found) if any(letter.isdigit() for letter in word)]


def test_it_takes_days_as_days_whatever_the_bars() -> None:
    assert made("20 day high breakout").parameters["breakout_bars"].unit == "days"
    assert made("buy breakouts above the 200 day ema").parameters["trend_period"].unit == "days"
    assert made("hold 3 days after an engulfing candle").parameters["hold_time"].unit == "days"


def test_it_takes_the_kind_of_average_that_is_named() -> None:
    code = generate(made("ema 9 21 crossover"))
    assert "def ema(" in code
    assert "def sma(" not in code


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("breakout long only", (True, False)),
        ("breakout, no shorting", (True, False)),
        ("short only breakdown breakout", (False, True)),
        ("short overbought rsi", (False, True)),
        ("buy the dip", (True, False)),
        ("bullish engulfing", (True, False)),
        ("short squeeze", (True, False)),
        ("short term mean reversion", (True, True)),
        ("long and short breakouts", (True, True)),
        ("buy breakouts, short breakdowns", (True, True)),
        ("breakout", (True, True)),
        ("funding rate goes super negative, long the squeeze", (True, False)),
        ("fade the weekend pump", (False, True)),
        ("fade the selloff when it is overextended", (True, False)),
    ],
)
def test_it_trades_the_sides_that_are_named(text: str, sides: tuple[bool, bool]) -> None:
    specification = made(text)
    assert (specification.long is not None, specification.short is not None) == sides


def test_it_says_when_a_strategy_lacks_the_side() -> None:
    assert "no short side" in unknown(draft("negative funding, short only"))["short only"]


@pytest.mark.parametrize(
    ("text", "timeframe"),
    [
        ("breakout 4h", "4h"),
        ("breakout on the 15m chart", "15m"),
        ("breakout on the daily", "1d"),
        ("20 day high breakout", ""),
        # Of stated rules a time is a length.
        ("buy when rsi is below 30 for 4 hours", ""),
        ("buy when open interest rises 5% in 24 hours", ""),
    ],
)
def test_it_reads_the_timeframe(text: str, timeframe: str) -> None:
    assert draft(text).timeframe == timeframe


@pytest.mark.parametrize(
    ("text", "words", "indicator"),
    [
        ("macd cross, ignore rsi", "ignore rsi", "rsi"),
        ("macd cross not rsi", "not rsi", "rsi"),
        ("trend following without volume", "without volume", "volume_average"),
        ("breakout strategy no volume filter", "no volume filter", "volume_average"),
    ],
)
def test_it_does_not_look_for_what_an_idea_does_not_want(text: str, words: str, indicator: str) -> None:
    found = draft(text)
    assert found.specification is not None
    assert f'"name":"{indicator}"' not in found.specification.model_dump_json()
    assert "does not want" in unknown(found)[words]


def test_it_trades_no_idea_that_is_only_denied() -> None:
    assert draft("avoid high volume breakouts").specification is None
    fades = draft("dont buy breakouts, fade them")
    assert fades.blueprint != "channel_breakout"
    # What is not to be bought names no side.
    assert made("dont buy breakouts, fade them").short is not None


def test_it_leaves_out_a_stop_that_is_not_wanted() -> None:
    assert made("rsi oversold, no stop loss").stop is None
    assert made("volume dry up without a stop, take profit 3%").stop is None
    kept = draft("volume dry up, no stop")
    assert kept.specification is not None
    assert kept.specification.stop is not None
    assert "counted in stops" in unknown(kept)["no stop"]


def test_it_takes_months_for_no_bars() -> None:
    found = draft("6 month momentum")
    assert found.specification is not None
    assert 6 not in {parameter.value for parameter in found.specification.parameters.values()}
    assert {"6", "month"} <= unknown(found).keys()


def test_it_reads_the_coins() -> None:
    assert draft("breakout on BTC, eth and solana").symbols == ("BTC", "ETH", "SOL")


def test_it_tells_what_each_word_became() -> None:
    found = draft(f"{CASCADES}, stop 3%, 4h BTC")
    words = became(found)
    assert words["breakouts"].startswith("Channel breakout, the strategy itself. Buy when the close is over")
    assert words["liquidation cascades"].startswith("Fade of a liquidation cascade, as a filter: a bar of over 1.5")
    assert words["volume divergence"].startswith("Volume divergence, as a filter")
    assert words["stop 3%"] == "Stop of 3 %"
    assert "4h" in words
    assert "BTC" in words
    assert found.not_understood == []


def test_it_tells_the_rules_in_words_with_their_numbers() -> None:
    assert draft("RSI 21 oversold bounce, long only").rules == [
        "Buy when the RSI(21) comes back over 30.",
        "Sell when it reaches 50.",
    ]


def test_it_names_every_number_that_it_assumed_and_none_that_was_stated() -> None:
    found = draft("RSI 21 oversold bounce, stop 3%")
    assert found.specification is not None
    names = [one.name for one in found.assumptions]
    assert "Bars of the RSI" not in names
    assert "Stop" not in names
    assert {"Sides", "Size", "RSI that is oversold"} <= set(names)
    assert len(names) == len(set(names))


def test_it_says_honestly_what_stands_in_for_a_column_that_is_missing() -> None:
    [said] = [one for one in draft(CASCADES).assumptions if one.name == "liquidations"]
    assert "has no liquidations" in said.why
    assert "{" not in said.why
    with_column = draft(CASCADES, columns=COLUMNS | {"liquidations"})
    assert [one for one in with_column.assumptions if one.name == "liquidations"] == []
    assert with_column.specification is not None
    assert "liquidations" in spec.columns_of(with_column.specification)


def test_it_says_when_the_data_has_no_volume() -> None:
    found = draft("volume spike", columns={"open", "high", "low", "close"})
    assert "choose a data set that has it" in next(one.why for one in found.assumptions if one.name == "volume")


def test_it_says_when_words_mean_more_than_is_computed() -> None:
    [said] = [one for one in draft("ascending triangle on 4h").assumptions if one.name == "ascending triangle"]
    assert "Drawn shapes are not recognised" in said.why


def test_it_names_words_that_mean_nothing_one_by_one() -> None:
    found = draft("breakout with unicorn glitter and twitter sentiment")
    assert set(unknown(found)) == {"unicorn", "glitter", "twitter", "sentiment"}
    assert "no news" in unknown(found)["twitter"]
    text = "breakout with unicorn"
    [one] = draft(text).not_understood
    assert text[one.start : one.end] == "unicorn"


@pytest.mark.parametrize(
    ("text", "word"),
    [("trend following with a tight stop", "tight"), ("open interest spikes while price is flat", "flat")],
)
def test_it_names_words_that_it_passes_over(text: str, word: str) -> None:
    assert [one.text for one in draft(text).not_understood] == [word]


def test_it_takes_a_squeeze_that_is_bought_for_one_of_shorts() -> None:
    names = {piece.words: piece.became for piece in draft("funding goes negative, long the squeeze").interpretation}
    assert names["short squeeze"].startswith("Short squeeze")


def test_it_says_of_a_number_out_of_bounds_what_it_may_be() -> None:
    found = draft("rsi 900 oversold bounce")
    assert unknown(found)["rsi 900"] == "Bars of the RSI is a whole number from 2 to 50."
    assert found.specification is not None
    assert found.specification.parameters["rsi_period"].value == 14


def test_it_says_that_leverage_belongs_to_the_run() -> None:
    assert "setting of the run" in unknown(draft("breakout with 10x leverage"))["10x leverage"]


def test_it_leaves_out_and_names_what_does_not_go_together() -> None:
    found = draft("rsi oversold bounce when rsi above 50 momentum: rsi strength")
    assert "left out" in " ".join(became(found).values())


def test_it_offers_what_else_may_have_been_meant() -> None:
    assert "rsi_strength" in [one.blueprint.name for one in draft("RSI").alternatives]


def test_it_makes_the_same_of_the_same_text() -> None:
    assert draft(CASCADES) == draft(CASCADES)


@pytest.mark.parametrize("text", [text for text, _, filters in IDEAS if filters])
def test_it_makes_combinations_that_fit_together_and_run(text: str) -> None:
    code = generate(made(text))
    assert check(code) == []
    compile(code, "<combination>", "exec")


def test_it_makes_a_combination_that_trades() -> None:
    assert any(trades(generate(made(CASCADES)), market.iloc[:, :5]) for market in MARKETS)


def test_it_gives_two_blueprints_their_own_numbers() -> None:
    parameters = made("engulfing candle with breakouts and rsi divergence and 3x volume spike").parameters
    assert parameters["volume_times"].value == 3
    names = [name for name in parameters if name.endswith("mean_period")]
    assert names


@pytest.mark.parametrize(
    "hostile", ["breakout " * 3000, "a" * 100_000, "stop 5% " * 500, "rsi " + "1 " * 2000, "\0breakout\0", "1" * 4000]
)
def test_it_reads_hostile_text_in_a_moment(hostile: str) -> None:
    assert draft(hostile).path in {"blueprint", "nothing"}


@pytest.mark.parametrize("text", STATED)
def test_it_takes_stated_rules_at_their_word(text: str) -> None:
    found = draft(text)
    assert found.path == "stated rules"
    assert found.not_understood == []
    assert found.specification is not None
    assert found.rules == spec.in_words(found.specification)
    assert found.interpretation


@pytest.mark.parametrize(("text", "word"), HALF_UNDERSTOOD)
def test_it_makes_nothing_of_half_understood_rules(text: str, word: str) -> None:
    found = draft(text)
    assert (found.path, found.specification) == ("stated rules", None)
    assert any(word in one.text for one in found.not_understood)
    assert "nothing is run" in found.answer


def test_it_says_which_column_stated_rules_need() -> None:
    [needed] = [
        one for one in draft("buy when open interest rises for 3 bars, stop 2%").assumptions if "data set" in one.why
    ]
    assert needed.name == "open interest"


def test_it_takes_the_main_idea_of_a_page() -> None:
    page = (
        "How to trade RSI divergence. The RSI divergence shows when price makes a lower low and the oscillator a higher"
        " low. Many people also use MACD, moving averages or volume, and some wait for a breakout. In this article we"
        " look at examples from gold, oil and bitcoin, explain why beginners lose money, and show how a bullish"
        " divergence is confirmed by the next candle. Never trade without a stop loss, keep a journal of all your"
        " trades, review it every weekend with a friend, and remember that nobody gets rich within a month."
    )
    found = draft(page)
    assert found.blueprint == "rsi_divergence"
    assert "the text as a whole" in became(found)
    assert len(found.not_understood) <= 20


def test_it_sets_edited_parameters() -> None:
    specification = apply_edits(made("RSI oversold bounce"), {"rsi_period": 21, "oversold": 25.5})
    assert specification.parameters["rsi_period"].value == 21
    assert specification.parameters["oversold"].value == 25.5


@pytest.mark.parametrize(
    ("edits", "pointer", "detail"),
    [
        ({"rsi_period": 500}, "/parameters/rsi_period", "Bars of the RSI is at most 50."),
        ({"rsi_period": 1}, "/parameters/rsi_period", "Bars of the RSI is at least 2."),
        ({"rsi_period": 14.5}, "/parameters/rsi_period", "Bars of the RSI is a whole number."),
        ({"rsi_period": "14"}, "/parameters/rsi_period", "Bars of the RSI is a number."),
        ({"rsi_period": float("nan")}, "/parameters/rsi_period", "Bars of the RSI is a number."),
        ({"nothing": 1}, "/parameters/nothing", "The strategy has no parameter nothing."),
    ],
)
def test_it_refuses_edits_by_the_name_of_their_field(edits: dict[str, object], pointer: str, detail: str) -> None:
    with pytest.raises(Invalid) as refused:
        apply_edits(made("RSI oversold bounce"), edits)
    [error] = refused.value.errors
    assert error.pointer == pointer
    assert error.detail.startswith(detail)


def test_it_refuses_all_wrong_edits_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        apply_edits(made("RSI oversold bounce"), {"rsi_period": 500, "oversold": -5})
    assert len(refused.value.errors) == 2


def test_it_has_more_than_enough_ideas_to_be_tried_by() -> None:
    assert len(IDEAS) >= 80
    assert len({base for _, base, _ in IDEAS}) >= 60
    assert {LIBRARY[base].family for _, base, _ in IDEAS} == {one.family for one in LIBRARY.values()}


def test_days_stay_days_in_every_length() -> None:
    found = draft("turtle: 55 day breakout, 20 day exit")
    assert found.specification
    parameters = found.specification.parameters
    assert {(parameters[name].value, parameters[name].unit) for name in ("breakout_bars", "exit_bars")} == {
        (55, "days"),
        (20, "days"),
    }


def test_it_reads_an_average_of_no_bars_as_none() -> None:
    assert draft("0 EMA cross").not_understood
