"""One blueprint leads; others that the text names filter its entries."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from backtests.rbi.blueprints import LIBRARY, Blueprint
from backtests.rbi.blueprints.parts import bars
from backtests.rbi.interpretation.renaming import renamed, used_in
from backtests.rbi.matching import Match, Sentence, matches
from backtests.rbi.matching.lexicon import stems_of
from backtests.rbi.matching.tokens import Token, tokenise
from backtests.rbi.spec import All, Condition, Parameter, Specification

MOST_FILTERS = 3
# Phrases that are read of a text; its time grows with their number.
MOST_PHRASES = 24
# Words of meaning in an idea; a longer text is a page that names many things, and its main one is taken.
LONG = 40
# Longer filters make the entries of a combination seldom.
SIGNAL_BARS = 24
# What a small word before a phrase says of its part: the event to act on, or something beside it.
BEFORE = {
    "on": 2.0, "at": 2.0, "after": 1.0, "with": -2.0, "and": -1.0, "plus": -1.0, "when": -1.0, "while": -2.0,
    "if": -1.0, "only": -2.0, "by": -1.0, "during": -2.0, "using": -1.0, "above": -1.0, "below": -1.0, "in": -1.5,
}  # fmt: skip
# Some ideas are events that one acts on, some are states that one asks for beside them.
LEADS = {
    "breakout": 1.5, "pattern": 1.0, "reversion": 1.0, "trend": 0.5, "momentum": 0.5, "liquidation": 0.5,
    "funding": 0.5, "open interest": 0.0, "volatility": 0.0, "volume": -1.0,
}  # fmt: skip
SELDOM_LEADS = {
    "calm_trend": -3.0,
    "session_hold": -2.0,
    "weekday_hold": -1.0,
    "long_average": -1.5,
    "chandelier": -2.0,
    "session_breakout": -2.0,
}
# A bare word beside a strategy asks for its filter: one for strategies that go with a move, one for those against it.
COMPANIONS = {
    "rsi": ("rsi_strength", "rsi_reversal"),
    "ema": ("long_average", "long_average"),
    "sma": ("long_average", "long_average"),
    "ma": ("long_average", "long_average"),
    "trend": ("long_average", "long_average"),
    "uptrend": ("long_average", "long_average"),
    "downtrend": ("long_average", "long_average"),
    "volum": ("volume_surge", "volume_surge"),
    "vwap": ("vwap_trend", "vwap_return"),
    "band": ("keltner_breakout", "band_reversal"),
    "bollinger": ("keltner_breakout", "band_reversal"),
    "session": ("session_hold", "session_hold"),
    "london": ("session_breakout", "session_breakout"),
}
AGAINST = frozenset({"reversion", "liquidation", "funding"})
# An entry of the first is never at a bar that the second lets pass.
CLASHES = frozenset(
    {
        frozenset({"rsi_reversal", "rsi_strength"}),
        frozenset({"quick_dip", "rsi_strength"}),
        frozenset({"mean_reversion", "channel_breakout"}),
        frozenset({"calm_trend", "panic_fade"}),
        frozenset({"vwap_return", "vwap_trend"}),
        frozenset({"funding_flip", "negative_funding"}),
    }
)


@dataclass(frozen=True)
class Chosen:
    """The blueprint that leads, those that filter, and those that were named and do not fit."""

    base: Match
    filters: list[Match]
    left: list[Match]


@dataclass
class Built:
    """A specification in the making, with its sentences and the words of every filter."""

    specification: Specification
    says: dict[str, str] = field(default_factory=dict)
    owners: dict[str, Blueprint] = field(default_factory=dict)


def choose(sentence: Sentence, text: str, given: Collection[Match] = ()) -> Chosen | None:
    """Read the text's phrases one after another, the most telling first; None when there are none."""
    picks, rest = list(given), sentence
    for _ in range(MOST_PHRASES):
        found = matches(rest)
        if not found or not found[0].is_named:
            break
        same = next((pick for pick in picks if pick.blueprint is found[0].blueprint), None)
        if same is None:
            picks.append(found[0])
        else:
            picks[picks.index(same)] = _together(same, found[0])
        rest = rest.without(found[0].tokens)
    if not picks and not (picks := matches(sentence)[:1]):
        return None
    if len(sentence.tokens) > LONG:
        return Chosen(max(picks, key=lambda pick: _weight_in(sentence, pick)), [], [])
    base = max(picks, key=lambda pick: (_lead(pick, text), pick.score))
    picks = [pick for pick in picks if pick is base or not _is_said_by(base.blueprint, pick)]
    rest = sentence.without({token for pick in picks for token in pick.tokens})
    others = [pick for pick in picks if pick is not base]
    others = [_as_filter(pick) for pick in others]
    others += _companions(rest, base.blueprint, {pick.blueprint.name for pick in picks})
    fits = [pick for pick in others if _fits(pick, base)][:MOST_FILTERS]
    return Chosen(base, fits, [pick for pick in others if pick not in fits])


def _weight_in(sentence: Sentence, pick: Match) -> float:
    """What speaks for it on a page: twice as much for words of its first lines."""
    is_early = any(token in sentence.tokens[:12] for token in pick.tokens)
    return pick.score * (2 if is_early else 1)


def _is_said_by(base: Blueprint, pick: Match) -> bool:
    """A bare `breakout` beside a narrow range, a squeeze or an inside bar is theirs."""
    is_bare = pick.blueprint.name == "channel_breakout" and {token.stem for token in pick.tokens} <= {
        "breakout",
        "break",
    }
    has_own = base.family in {"breakout", "volatility", "pattern", "open interest"} or base.name == "ichimoku_cloud"
    return is_bare and has_own


def _as_filter(pick: Match) -> Match:
    """Beside another strategy a breakout with volume asks for the volume."""
    return replace(pick, blueprint=LIBRARY["volume_surge"]) if pick.blueprint.name == "volume_breakout" else pick


def _together(one: Match, other: Match) -> Match:
    tokens = tuple(sorted((*one.tokens, *other.tokens), key=lambda token: token.start))
    return Match(one.blueprint, one.score + other.score, {**one.words, **other.words}, tokens)


def _companions(rest: Sentence, base: Blueprint, named: set[str]) -> list[Match]:
    """Indicators and the like that stand beside the strategy without naming one."""
    found: dict[str, Match] = {}
    for token in rest.tokens:
        pair = COMPANIONS.get(token.stem)
        name = pair[base.family in AGAINST] if pair else ""
        if name and name not in named and token.stem not in _words_of(base):
            earlier = found[name].tokens if name in found else ()
            blueprint = LIBRARY[name]
            words = " ".join(one.text for one in (*earlier, token))
            found[name] = Match(blueprint, 0.3, {words: blueprint.title}, (*earlier, token), is_named=False)
    return list(found.values())


def _words_of(blueprint: Blueprint) -> frozenset[str]:
    """What the strategy is about already."""
    return frozenset(part for word in (*blueprint.words, *blueprint.hints) for part in stems_of(word))


def _lead(pick: Match, text: str) -> float:
    first = min((token.start for token in pick.tokens), default=len(text))
    before = tokenise(text[:first])
    word = before[-1].text if before else ""
    is_first = 1.5 if not [token for token in before if token.text not in {"buy", "sell", "the", "a"}] else 0.0
    weight = LEADS[pick.blueprint.family] + SELDOM_LEADS.get(pick.blueprint.name, 0.0)
    return weight + BEFORE.get(word, 0.0) + is_first


def _fits(pick: Match, base: Match) -> bool:
    pair = frozenset({pick.blueprint.name, base.blueprint.name})
    return pick.blueprint.plan.confirm is not None and pair not in CLASHES


def build(chosen: Chosen, columns: Collection[str]) -> Built:
    """The leading blueprint's specification with the filters in its entries."""
    base = chosen.base.blueprint
    built = Built(base.specification(columns))
    built.owners = dict.fromkeys(built.specification.parameters, base)
    for pick in chosen.filters:
        _add(built, pick.blueprint, columns)
    return built


def _add(built: Built, blueprint: Blueprint, columns: Collection[str]) -> None:
    plan = blueprint.plan_for(columns)
    confirm = plan.confirm
    if confirm is None:
        return
    numbers = {name: plan.parameters[name] for name in confirm.uses}
    names = {name: _free(built, name, blueprint) for name, number in numbers.items() if _is_taken(built, name, number)}
    if "signal_bars" in used_in(confirm.long) or "signal_bars" in used_in(confirm.short):
        numbers["signal_bars"] = bars(SIGNAL_BARS, 1, 200, "Bars for which a filter's signal counts")
    given = {names.get(name, name): number for name, number in numbers.items()}
    built.owners = {**dict.fromkeys(given, blueprint), **built.owners}
    built.says[blueprint.name] = _with_names(confirm.says, names)
    built.specification = _filtered(
        built.specification, renamed(confirm.long, names), renamed(confirm.short, names), given
    )


def _is_taken(built: Built, name: str, number: Parameter) -> bool:
    taken = built.specification.parameters.get(name)
    return taken is not None and taken != number


def _free(built: Built, name: str, blueprint: Blueprint) -> str:
    return f"{blueprint.name}_{name}"[:40]


def _with_names(says: str, names: dict[str, str]) -> str:
    for name, other in names.items():
        says = says.replace(f"{{{name}}}", f"{{{other}}}")
    return says


def _filtered(
    specification: Specification, long: Condition, short: Condition, numbers: dict[str, Parameter]
) -> Specification:
    changed: dict[str, object] = {"parameters": {**specification.parameters, **numbers}}
    for name, condition in (("long", long), ("short", short)):
        side = getattr(specification, name)
        if side:
            changed[name] = side.model_copy(update={"entry": _joined(side.entry, condition)})
    return specification.model_copy(update=changed)


def _joined(entry: Condition, condition: Condition) -> Condition:
    parts = [part for one in (entry, condition) for part in (one.of if isinstance(one, All) else (one,))]
    return All(of=tuple(parts))


def tokens_of(chosen: Chosen) -> set[Token]:
    return {token for match in (chosen.base, *chosen.filters, *chosen.left) for token in match.tokens}
