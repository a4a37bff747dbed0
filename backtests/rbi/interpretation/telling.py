"""The words for what was made: rules with their numbers, and what was assumed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from backtests.rbi.blueprints import Blueprint, Rule
from backtests.rbi.interpretation.combining import Built, Chosen
from backtests.rbi.interpretation.shapes import Assumption, Piece
from backtests.rbi.matching.lexicon import stems_of
from backtests.rbi.spec import Parameter, Specification, columns_of

UNITS = {"percent": " %", "ratio": "", "": "", "bars": "", "atr": "", "usd": " USD", "units": " units"}


def number(parameter: Parameter) -> str:
    """`20`, `0.95`, `200 days`."""
    return f"{parameter.value:g}{UNITS.get(parameter.unit, f' {parameter.unit}')}"


def filled(says: str, parameters: Mapping[str, Parameter]) -> str:
    """The sentence with the values of its parameters; a length of time takes the word bars with it."""
    for name, parameter in parameters.items():
        if parameter.unit in {"minutes", "hours", "days", "weeks"}:
            says = says.replace(f"{{{name}}} bars", number(parameter)).replace(f"{{{name}}}-bar", number(parameter))
        says = says.replace(f"{{{name}}}", number(parameter).removesuffix(" %"))
    return says


def rules(built: Built, chosen: Chosen, columns: Collection[str]) -> Iterator[str]:
    """How it opens and closes, one rule a sentence."""
    specification, plan = built.specification, chosen.base.blueprint.plan_for(columns)
    only = "".join(f", and {filled(says, specification.parameters)}" for says in built.says.values())
    for opens, closes, rule, is_there in (
        ("Buy", "Sell", plan.long, specification.long),
        ("Sell short", "Buy back", plan.short, specification.short),
    ):
        if rule and is_there:
            yield f"{opens} when {filled(rule.opens, specification.parameters)}{only}."
            yield from _closing(closes, rule, specification)


def _closing(verb: str, rule: Rule, specification: Specification) -> Iterator[str]:
    if rule.closes:
        yield f"{verb} when {filled(rule.closes, specification.parameters)}."


def of_blueprints(built: Built, chosen: Chosen, columns: Collection[str]) -> list[Piece]:
    """What each group of words became: the strategy, a filter, or nothing and why."""
    base = chosen.base.blueprint
    sentence = " ".join(list(rules(built, chosen, columns))[:1])
    pieces = [Piece(words, f"{base.title}, the strategy itself. {sentence}") for words in list(chosen.base.words)[:1]]
    pieces += [Piece(words, f"Speaks for {base.title} too.") for words in list(chosen.base.words)[1:]]
    for pick in chosen.filters:
        says = filled(built.says.get(pick.blueprint.name, ""), built.specification.parameters)
        pieces += [Piece(words, f"{pick.blueprint.title}, as a filter: {says}.") for words in pick.words]
    for pick in chosen.left:
        why = f"{pick.blueprint.title}: left out, since it does not go together with {base.title}."
        pieces += [Piece(words, why) for words in pick.words]
    return pieces


def proxies(built: Built, chosen: Chosen, columns: Collection[str]) -> Iterator[Assumption]:
    """What stands in for a column that the data set lacks."""
    for pick in (chosen.base, *chosen.filters):
        blueprint = pick.blueprint
        if blueprint.proxy and blueprint.stands_in(columns):
            says = filled(blueprint.proxy.says, _numbers_of(blueprint, built))
            yield Assumption(blueprint.column.replace("_", " "), "a stand-in from price and volume", says)


def needed(specification: Specification, columns: Collection[str]) -> Iterator[Assumption]:
    """Columns that the rules read and the data sets lack."""
    for column in sorted(columns_of(specification) - set(columns)):
        name = column.replace("_", " ")
        yield Assumption(name, "a column of the data set", f"The rules read the {name}: choose a data set that has it.")


def loosely(chosen: Chosen) -> Iterator[Assumption]:
    """Words that mean more to people than is computed."""
    for pick in (chosen.base, *chosen.filters):
        said = [frozenset(stems_of(word)) for word in pick.blueprint.loosely]
        for words in pick.words:
            if frozenset(stems_of(words)) in said:
                yield Assumption(words, pick.blueprint.title, pick.blueprint.loosely_says)


def _numbers_of(blueprint: Blueprint, built: Built) -> dict[str, Parameter]:
    """Its parameters by their own names, those that had to be renamed among them."""
    found: dict[str, Parameter] = {}
    for name, parameter in built.specification.parameters.items():
        if built.owners.get(name) is blueprint:
            found[name.removeprefix(f"{blueprint.name}_")] = parameter
    return {**built.specification.parameters, **found}


def usual(built: Built, named: Collection[str]) -> Iterator[Assumption]:
    """Every number that the text does not state."""
    for name, parameter in built.specification.parameters.items():
        if name in named or parameter.low == parameter.high:
            continue
        owner = built.owners.get(name)
        value = f"{number(parameter)} bars" if parameter.unit == "bars" else number(parameter)
        why = f"Usual for {owner.title}; between {parameter.low:g} and {parameter.high:g}." if owner else "Usual."
        yield Assumption(parameter.label or name, value, why)


def way_out(specification: Specification, named: Collection[str]) -> Iterator[Assumption]:
    """Rules of risk that nobody stated."""
    if specification.stop and specification.stop.distance == "stop_atr" and "stop_atr" not in named:
        trailing = "a trailing stop" if specification.stop.trailing else "a stop"
        yield Assumption(
            "Stop", f"{trailing} of {specification.parameters['stop_atr'].value:g} ATR", "None was stated."
        )
    if specification.sizing.amount == "size" and "size" not in named:
        share = specification.parameters["size"].value
        yield Assumption("Size", f"{share * 100:g} % of the equity in a trade", "None was stated.")
