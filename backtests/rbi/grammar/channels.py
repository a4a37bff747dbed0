"""Which line of a channel is meant where only the channel is named: `crosses below the Bollinger bands`."""

from __future__ import annotations

from dataclasses import replace

from backtests.rbi.grammar.tree import Line, Math, Operand, Unclear

CHANNELS = ("bollinger", "keltner", "donchian")


def edge(operand: Operand, *, up: bool) -> Operand:
    """Above a channel is above its upper line, and below it below its lower one."""
    if isinstance(operand, Math):
        return replace(operand, left=edge(operand.left, up=up), right=edge(operand.right, up=up))
    if isinstance(operand, Line) and _is_whole(operand):
        return replace(operand, output="upper" if up else "lower")
    return operand


def check_line(*operands: Operand | None) -> None:
    """Raises Unclear for a channel of which no line is meant."""
    for operand in operands:
        if isinstance(operand, Math):
            check_line(operand.left, operand.right)
        elif _is_whole(operand):
            raise Unclear("Say which line of it: the upper band, the middle band or the lower band.")


def _is_whole(operand: Operand | None) -> bool:
    return isinstance(operand, Line) and operand.name in CHANNELS and not operand.output
