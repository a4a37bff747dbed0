"""Which rule opens and closes which side: what `sell`, `exit` and `vice versa` mean in a text."""

from __future__ import annotations

from dataclasses import dataclass, replace

from backtests.rbi.grammar.mirror import WAYS, mirrored, mirrored_operand
from backtests.rbi.grammar.predicates import EXTREMES, comparison, crossing, touches
from backtests.rbi.grammar.tree import (
    Amount,
    Column,
    Comparison,
    Condition,
    Crossing,
    Length,
    Line,
    Movement,
    Notes,
    NotSo,
    Operand,
    Over,
    Several,
    Statement,
    Unclear,
    Way,
)

CLOSED_OTHERWISE = ("stop", "target", "hold")
OPENED = {"buy": "long", "short": "short"}
CLOSES = ("exit", "level")


class Unfit(Exception):
    """Statements that do not fit together. `at` is the one to mend."""

    def __init__(self, hint: str, at: Statement) -> None:
        super().__init__(hint)
        self.hint = hint
        self.at = at


@dataclass(frozen=True)
class Sided:
    """Entry and exit of one side."""

    entry: Condition
    exit: Condition | None


class Sides:
    """Reads them from the statements of a text."""

    def __init__(self, statements: list[Statement], notes: Notes) -> None:
        # A closing that is assumed becomes one of them.
        self._all = statements
        self._notes = notes
        self._mirror = any(statement.kind == "mirror" for statement in statements)
        self._trades_both = self._mirror

    def long_and_short(self) -> tuple[Sided | None, Sided | None]:
        """Both sides, as far as the text has them."""
        self._enter_only()
        buys, shorts = self._of("buy"), self._of("short")
        buys, shorts = self._without_action(buys, shorts)
        sells = self._of("sell")
        if sells and not buys:
            why = "Nothing is bought that could be sold, so it is sold short."
            self._notes.add("sell", "sell short", why)
            shorts, sells = [*shorts, *sells], []
        self._check_only(buys, shorts)
        self._trades_both = self._mirror or bool(buys and shorts)
        self._close_what_was_opened()
        longs = self._side("long", buys, self._leaving("long", sells))
        others = self._side("short", shorts, self._leaving("short", []))
        return self._completed(longs, others)

    def _enter_only(self) -> None:
        """`only buy when …` filters the rules to buy; where there is none, the first of them is the rule."""
        if any(statement.kind in ("buy", "short", "bare") for statement in self._all):
            return
        place = next((at for at, found in enumerate(self._all) if found.kind == "only" and found.side), None)
        if place is not None:
            self._all[place] = replace(self._all[place], kind=self._all[place].side)

    def _of(self, kind: str) -> list[Condition]:
        return [found.condition for found in self._all if found.kind == kind and found.condition is not None]

    def _without_action(
        self, buys: list[Condition], shorts: list[Condition]
    ) -> tuple[list[Condition], list[Condition]]:
        bare = [statement for statement in self._all if statement.kind == "bare"]
        if not bare:
            return buys, shorts
        if buys or shorts or len(bare) > 1 or bare[0].condition is None:
            raise Unfit("Say what to do then: buy, sell, short or exit when ….", bare[-1])
        if any(statement.kind == "short_only" for statement in self._all):
            return [], [bare[0].condition]
        self._notes.add("action", "buy", "It was not said what to do.")
        return [bare[0].condition], []

    def _check_only(self, buys: list[Condition], shorts: list[Condition]) -> None:
        for statement in self._all:
            both = self._mirror and (buys or shorts)
            if statement.kind == "long_only" and (shorts or both):
                raise Unfit("There is a rule for shorts too. Leave one of the two out.", statement)
            if statement.kind == "short_only" and (buys or both):
                raise Unfit("There is a rule to buy too. Leave one of the two out.", statement)
            if statement.kind == "flip" and not ((buys and shorts) or both):
                raise Unfit("Say when to go long and when to go short.", statement)
            if statement.kind == "mirror" and not both:
                raise Unfit("There is nothing to reverse. Give a rule to buy first.", statement)

    def _close_what_was_opened(self) -> None:
        """`long …, exit …, short …, exit …`: each exit is that of the side before it.

        One behind both sides is of both, unless the first of them had one before the second was said.
        """
        owners = self._owners() if self._trades_both and not self._mirror else {}
        for place, owner in owners.items():
            found = self._all[place]
            # That a trend is over may end both: it says nothing of up and down.
            is_of_both = found.condition is not None and mirrored(found.condition) == found.condition
            if not is_of_both or len(set(owners.values())) > 1:
                self._all[place] = _closing(found, owner)

    def _owners(self) -> dict[int, str]:
        """By the place of an exit the side that it closes; without those that close both."""
        found: dict[int, str] = {}
        opened, is_shared, is_closed = "", False, False
        for place, statement in enumerate(self._all):
            side = OPENED.get(statement.kind, opened)
            if side != opened:
                opened, is_shared, is_closed = side, bool(opened) and not is_closed, False
            elif statement.kind in CLOSES and opened:
                is_closed = True
                found |= {} if is_shared else {place: opened}
        return found

    def _leaving(self, side: str, sells: list[Condition]) -> list[Condition]:
        found = list(sells)
        for statement in self._all:
            if statement.kind == "exit" and statement.side in ("", side) and statement.condition is not None:
                turned = side == "short" and statement.side == "" and self._mirror
                found.append(mirrored(statement.condition) if turned else statement.condition)
            if statement.kind == "level" and statement.operand is not None and self._closes(statement, side):
                found.append(self._level(side, statement, statement.operand))
        return found

    def _closes(self, statement: Statement, side: str) -> bool:
        """`buy …, sell at the upper band, short …, cover at the lower band`: each closes its own side."""
        return not statement.closes or statement.closes == side or not self._trades_both or self._mirror

    def _level(self, side: str, statement: Statement, line: Operand) -> Condition:
        """A stop or target at a line: left at the close beyond it, or when a bar reaches it.

        A line that is said for both sides is that of longs; one that is said for shorts is the one that is said.
        """
        is_shared = self._trades_both and (self._mirror or not statement.closes)
        turned = mirrored_operand(line) if side == "short" and is_shared else line
        up = side == "long"
        if statement.side == "exit":
            ways: tuple[Way, ...] = ("over", "under") if up else ("under", "over")
            return Several("any", tuple(crossing(Column("close"), way, turned) for way in ways))
        if statement.side == "target":
            self._notes.add("target", "after the bar that reaches it", "The target is a line that moves.")
            return _reaching(turned, up=up)
        self._notes.add("stop", "after a close beyond it", "The stop is a line that moves.")
        return comparison(Column("close"), "<" if up else ">", turned)

    def _side(self, side: str, entries: list[Condition], exits: list[Condition]) -> Sided | None:
        if not entries:
            return None
        return Sided(self._filtered(side, _joined("any", entries)), _joined("any", exits) if exits else None)

    def _filtered(self, side: str, entry: Condition) -> Condition:
        filters = self._of("only")
        if side == "short" and self._mirror:
            filters = [mirrored(condition) for condition in filters]
        return _joined("all", [entry, *filters])

    def _completed(self, longs: Sided | None, shorts: Sided | None) -> tuple[Sided | None, Sided | None]:
        if self._mirror and longs and shorts is None:
            shorts = _opposite(longs)
        elif self._mirror and shorts and longs is None:
            longs = _opposite(shorts)
        for only, side in (("long", longs), ("short", shorts)):
            if side and side.exit is None and None in (longs, shorts):
                side = self._with_exit(side, up=only == "long")
                longs, shorts = (side, None) if only == "long" else (None, side)
        return longs, shorts

    def _with_exit(self, side: Sided, *, up: bool) -> Sided:
        if any(statement.kind == "reverse" for statement in self._all):
            return replace(side, exit=reversed_entry(side.entry, up=up))
        closing = [statement.kind for statement in self._all if statement.kind in CLOSED_OTHERWISE]
        if closing:
            self._notes.add("exit", "none", f"Only {' and '.join(dict.fromkeys(closing))} close a position.")
            return side
        found = reversed_entry(side.entry, up=up)
        if found is None:
            self._all.append(Statement("hold", length=Length(10)))
            self._notes.add("hold", "10 bars", "No exit was given, and the entry has no reverse.")
            return side
        self._notes.add("exit", "the reverse of the entry", "No exit was given.")
        return replace(side, exit=found)


def _closing(statement: Statement, side: str) -> Statement:
    """An exit of this side, unless it names one itself."""
    if statement.kind == "exit":
        return replace(statement, side=statement.side or side)
    return replace(statement, closes=statement.closes or side)


def _reaching(line: Operand, *, up: bool) -> Condition:
    touch = touches(line).predicate(None)
    if isinstance(touch, Comparison):
        return touch
    return Comparison(Column("high"), ">=", line) if up else Comparison(Column("low"), "<=", line)


def _joined(kind: str, conditions: list[Condition]) -> Condition:
    if len(conditions) > 12:
        raise Unclear("Join at most 12 conditions.")
    return Several(kind, tuple(conditions)) if len(conditions) > 1 else conditions[0]  # type: ignore[arg-type]


def _opposite(side: Sided) -> Sided:
    return Sided(mirrored(side.entry), mirrored(side.exit) if side.exit else None)


def reversed_entry(entry: Condition, *, up: bool) -> Condition | None:
    """When what led to the entry is over: its cross goes back, its oscillator reaches the other end.

    None: it is something that happens and has no reverse, such as a pattern or a day.
    """
    first = _telling(entry)
    if isinstance(first, Crossing | Comparison) and _is_oscillator(first.left) and isinstance(first.right, Amount):
        other = mirrored(first)
        if not (isinstance(first, Comparison) and _overlap(first, other)):
            return other
    if isinstance(first, Crossing):
        entered: Way = ("over" if up else "under") if first.way == "either" else first.way
        return replace(first, way=WAYS[entered])
    if isinstance(first, Movement):
        return replace(first, way="falling" if first.way == "rising" else "rising")
    return NotSo(_range_of(entry, first)) if isinstance(first, Comparison) and not _is_streak(first.left) else None


def _overlap(entry: Comparison, other: Condition) -> bool:
    """`RSI above 40` is above 40 and below 60 at once: the other end would close what was just opened."""
    rights = [side.right for side in (entry, other) if isinstance(side, Comparison)]
    first, last = (right.value for right in rights if isinstance(right, Amount))
    return last < first if entry.sign[0] == "<" else last > first


def _range_of(entry: Condition, first: Comparison) -> Condition:
    """`between 40 and 60` is over at both ends."""
    if not isinstance(entry, Several):
        return first
    bounds = [part for part in entry.of if isinstance(part, Comparison) and part.left == first.left]
    if entry.kind == "all" and first in bounds and len(bounds) == len(entry.of) == 2:
        return entry if bounds[0].sign[0] != bounds[1].sign[0] else first
    return next((found for part in entry.of if (found := _range_of(part, first)) is not first), first)


def _is_streak(operand: Operand) -> bool:
    return isinstance(operand, Line) and operand.name == "streak"


def _is_oscillator(operand: Operand) -> bool:
    return isinstance(operand, Line) and operand.name in EXTREMES


def _telling(entry: Condition) -> Condition:
    """Of several conditions the one that an entry waits for: a cross if there is one."""
    if isinstance(entry, Several):
        crossings = [part for part in entry.of if isinstance(part, Crossing)]
        return _telling(crossings[0] if crossings else entry.of[0])
    return _telling(entry.condition) if isinstance(entry, Over) else entry
