"""A vague idea as a strategy: the blueprints that it names, with the numbers, sides and data that it states."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from backtests.rbi.blueprints import LIBRARY
from backtests.rbi.interpretation import sides, telling
from backtests.rbi.interpretation.combining import LONG, Built, Chosen, build, choose, tokens_of
from backtests.rbi.interpretation.denied import denied, without_denied
from backtests.rbi.interpretation.numbers import Change, read_numbers
from backtests.rbi.interpretation.renaming import AVERAGES, swapped
from backtests.rbi.interpretation.settings import change, state, with_parameter
from backtests.rbi.interpretation.shapes import Draft, Piece, Unknown
from backtests.rbi.interpretation.stated import Stated, read_stated, timeframe_of
from backtests.rbi.interpretation.unknowns import idle_words, symbols_in, unknown_words
from backtests.rbi.matching import Match, Sentence, matches
from backtests.rbi.matching.lexicon import neutral
from backtests.rbi.matching.tokens import Token
from backtests.rbi.spec import Specification, check
from moondev.lib.errors import Invalid

MOST_ALTERNATIVES = 4
# Words of a page that are told of.
MOST_UNKNOWN = 20
NOTHING = (
    "Nothing here names a way to trade. Say what should happen before a trade, such as “breakouts with high volume”,"
    " “mean reversion after extreme funding” or “RSI oversold bounce in an uptrend”, or state the rules: “buy when"
    " RSI(14) crosses below 30, sell when it rises above 70, stop 2 ATR”."
)
# Stated averages and the blueprints that they speak of.
AVERAGE_KINDS = {"average": "long_average", "pair": "average_cross"}


@dataclass
class Work:
    """What is known of the text so far."""

    text: str
    built: Built
    pieces: list[Piece] = field(default_factory=list)
    unknowns: list[Unknown] = field(default_factory=list)
    # Parameters that the text states, and the places that it states them at.
    named: set[str] = field(default_factory=set)
    spans: list[tuple[int, int]] = field(default_factory=list)

    def took(self, told: Piece | Unknown, span: tuple[int, int]) -> None:
        self.spans.append(span)
        if isinstance(told, Piece):
            self.pieces += [told] if told not in self.pieces else []
        else:
            self.unknowns.append(told)


def draft_vague(text: str, columns: Collection[str]) -> Draft:
    """The strategy that the text speaks of, or an answer that says what to write."""
    stated, masked = read_stated(text)
    sentence = Sentence.of(without_denied(sides.as_meant(masked)))
    chosen = choose(sentence, masked, list(_averages(stated)))
    if chosen is None or not _speaks_of_trading(sentence, chosen, stated):
        unknown = unknown_words(text, (), [])[:MOST_UNKNOWN]
        return Draft("nothing", None, not_understood=unknown, answer=NOTHING)
    work = Work(text, build(chosen, columns))
    _trail(work, chosen)
    _state(work, stated)
    for told, span in denied(masked):
        work.took(told, span)
    _read_own_numbers(work, masked)
    side = _keep_side(work, masked, chosen)
    try:
        check(work.built.specification)
    except Invalid:
        # A number that fits by itself and not beside the others: the blueprint's own are valid together.
        work = Work(text, build(chosen, columns))
    return _drafted(work, chosen, columns, stated, side)


def _trail(work: Work, chosen: Chosen) -> None:
    """A trailing stop without a number beside a strategy: its own stop follows the price."""
    pick = next((pick for pick in chosen.left if pick.blueprint.name == "chandelier"), None)
    stop = work.built.specification.stop
    if pick and stop:
        chosen.left.remove(pick)
        trailing = stop.model_copy(update={"trailing": True})
        work.built.specification = work.built.specification.model_copy(update={"stop": trailing})
        tokens = pick.tokens
        work.took(Piece(" ".join(pick.words), "The stop follows the best price."), (tokens[0].start, tokens[-1].end))


def _averages(stated: list[Stated]) -> Iterator[Match]:
    """`above the 200 EMA` is the long average and `9/21 EMA` a cross of two, whatever else the text speaks of."""
    for kind, name in AVERAGE_KINDS.items():
        found = next((one for one in stated if one.kind == kind), None)
        if found:
            place = Token(found.words, found.words, found.start, found.end)
            yield Match(LIBRARY[name], 3.0, {found.words: LIBRARY[name].title}, (place,))


def _speaks_of_trading(sentence: Sentence, chosen: Chosen, stated: list[Stated]) -> bool:
    """Whether the words that are known outweigh those that are not; a mistyped one counts for half."""
    taken = tokens_of(chosen)
    if not chosen.base.is_named and len(taken) == 1 and all(neutral() & {token.stem, token.text} for token in taken):
        # `trade every day`: a hint that any idea may have says nothing alone.
        return False
    evidence = sum(0.5 if token in sentence.mended else 1.0 for token in taken) + len(stated)
    if len(sentence.tokens) > LONG:
        return chosen.base.is_named and evidence >= 2
    unknown = len(unknown_words(" ".join(token.text for token in sentence.tokens if token not in taken), (), []))
    return unknown <= evidence * (3 if chosen.base.is_named and evidence >= 1 else 1)


def _state(work: Work, stated: list[Stated]) -> None:
    # Whether it can do without a stop is known when its target is.
    for one in sorted(stated, key=lambda one: one.kind == "no_stop"):
        span = (one.start, one.end)
        if one.kind == "timeframe":
            work.took(Piece(one.words, f"Bars of {timeframe_of(one)}: choose a data set of them."), span)
        elif one.kind in AVERAGE_KINDS:
            _set_average(work, one)
        else:
            before = set(work.built.specification.parameters)
            work.built.specification, told = state(work.built.specification, one)
            work.took(told, span)
            work.named |= _set_by(one, work.built.specification, before)


def _set_by(one: Stated, specification: Specification, before: set[str]) -> set[str]:
    names = {"reward": "reward", "risk": "risk", "size": "size", "cash": "cash", "hold": "hold_time"}
    name = names.get(one.kind, f"{one.kind.replace('trailing', 'stop')}_{one.unit}")
    return {name} | (set(specification.parameters) - before)


def _set_average(work: Work, one: Stated) -> None:
    """The length and the kind of the long average, or of the two that cross."""
    unit, kind = one.unit.split(":")
    wanted = {"fast": one.value, "slow": one.other} if one.kind == "pair" else {"trend_period": one.value}
    for name, value in wanted.items():
        names = (f"{AVERAGE_KINDS[one.kind]}_{name}", name)
        own = next((own for own in names if own in work.built.specification.parameters), "")
        if own:
            _change(work, Change(own, value, unit, one.start, one.end, one.words, kind))
        else:
            told = Unknown(one.words, one.start, one.end, "No more filters are taken than three.")
            work.took(told, (one.start, one.end))


def _read_own_numbers(work: Work, masked: str) -> None:
    for wanted in read_numbers(masked, work.built.specification):
        _change(work, wanted)


def _change(work: Work, wanted: Change) -> None:
    work.built.specification, told = change(work.built.specification, wanted)
    work.took(told, (wanted.start, wanted.end))
    if isinstance(told, Piece):
        work.named.add(wanted.name)
        if wanted.average in AVERAGES:
            work.built.specification = swapped(work.built.specification, wanted.average, {wanted.name})


def _keep_side(work: Work, masked: str, chosen: Chosen) -> str:
    side, words = sides.read_sides(masked, tokens_of(chosen))
    work.built.specification, told = sides.keep(work.built.specification, side, words)
    start = masked.lower().find(words) if words else -1
    if told is not None and start >= 0:
        work.took(told, (start, start + len(words)))
    specification = work.built.specification
    # Parameters of the other side alone have gone with it.
    if side:
        name, parameter = next(iter(specification.parameters.items()))
        work.built.specification = with_parameter(specification, name, parameter)
    return side


def _drafted(work: Work, chosen: Chosen, columns: Collection[str], stated: list[Stated], side: str) -> Draft:
    built, base = work.built, chosen.base.blueprint
    told = telling.of_blueprints(built, chosen, columns)
    symbols = symbols_in(work.text)
    told += [Piece(symbol, f"A data set of {symbol}: choose it for the run.") for symbol in symbols]
    if len(Sentence.of(work.text).tokens) > LONG:
        told.append(Piece("the text as a whole", f"Its main idea, {base.title}: a page names more than one strategy."))
    named = [one for one in (sides.assumed(built.specification, side),) if one]
    assumptions = [
        *telling.proxies(built, chosen, columns),
        *telling.needed(built.specification, columns),
        *telling.loosely(chosen),
        *named,
        *telling.way_out(built.specification, work.named),
        *telling.usual(built, work.named | {"stop_atr", "size"}),
    ]
    rules = list(telling.rules(built, chosen, columns))
    known = tokens_of(chosen) | Sentence.of(work.text).mended
    names = {pick.blueprint.name for pick in (chosen.base, *chosen.filters)}
    others = [one for one in matches(Sentence.of(work.text)) if one.blueprint.name not in names]
    return Draft(
        path="blueprint",
        specification=_named(built.specification, chosen),
        interpretation=[*told, *work.pieces],
        assumptions=assumptions,
        not_understood=[
            *work.unknowns,
            *unknown_words(work.text, known, work.spans),
            *idle_words(work.text, known, work.spans),
        ][:MOST_UNKNOWN],
        alternatives=others[:MOST_ALTERNATIVES],
        blueprint=base.name,
        rules=rules,
        timeframe=next((timeframe_of(one) for one in stated if one.kind == "timeframe"), ""),
        symbols=symbols,
    )


def _named(specification: Specification, chosen: Chosen) -> Specification:
    """`Channel breakout with Volume divergence`, as far as the name may go."""
    others = [pick.blueprint.title for pick in chosen.filters]
    name = chosen.base.blueprint.title + (f" with {', '.join(others)}" if others else "")
    return specification.model_copy(update={"name": name[:80]})
