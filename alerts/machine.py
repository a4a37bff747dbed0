"""The states of an alert, the same for every kind.

    normal -> pending -> firing -> recovering -> normal, and no_data and error beside them

An excursion begins with a firing and ends when the value falls below the recovery threshold; whatever lies between,
gaps included, it is told once that it began and once that it ended. Only the present is looked at, so rows that come
late or are corrected change what is seen now and never make an alert fire for the past.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from alerts.models.alert import Phase
from alerts.models.event import Event
from alerts.rules.shapes import Config, Decision, Level, State

UNSEEN = {Level.NO_DATA: (Phase.NO_DATA, "No data"), Level.ERROR: (Phase.ERROR, "Could not be evaluated")}


class Step(NamedTuple):
    """What one look changes: the state after it, the phases entered with the reason, and what there is to tell."""

    state: State
    entered: tuple[tuple[Phase, str], ...] = ()
    event: Event.Kind | None = None


def step(config: Config, state: State, decision: Decision, at: datetime, *, momentary: bool = False) -> Step:
    """One look at an alert. Pure; looking again at the same moment and numbers changes nothing."""
    if state.baseline is None and decision.baseline is not None:
        state = state._replace(baseline=decision.baseline)
    if decision.level is Level.UNKNOWN:
        return Step(state)
    if decision.level in UNSEEN:
        return _unseen(state, decision, at)
    if state.is_open:
        return _during(state, decision, at)
    return _outside(config, state, decision, at, momentary=momentary)


def may_fire_at(config: Config, state: State) -> datetime:
    """The first moment at which a pending alert fires if it stays over the threshold."""
    held = state.since + timedelta(minutes=config.for_minutes)
    if state.last_triggered_at is None:
        return held
    return max(held, state.last_triggered_at + timedelta(minutes=config.cooldown_minutes))


def _unseen(state: State, decision: Decision, at: datetime) -> Step:
    """No value. An open excursion stays open, and its reader is told that it cannot be seen."""
    phase, reason = UNSEEN[decision.level]
    if state.phase == phase:
        return Step(state)
    return _enter(state, phase, reason, at, event=Event.Kind.NO_DATA if state.is_open else None)


def _during(state: State, decision: Decision, at: datetime) -> Step:
    """In an excursion: it goes on, may be ending, or has ended."""
    if decision.level is Level.BELOW:
        closed = state._replace(is_open=False)
        return _enter(closed, Phase.NORMAL, "Below the recovery threshold", at, event=Event.Kind.RESOLVED)
    over = decision.level is Level.OVER
    phase = Phase.FIRING if over else Phase.RECOVERING
    if state.phase == phase:
        return Step(state)
    return _enter(state, phase, "At the threshold or over it" if over else "Below the threshold", at)


def _outside(config: Config, state: State, decision: Decision, at: datetime, *, momentary: bool) -> Step:
    """No excursion: nothing, the beginning of one, or waiting for it to hold or for the cooldown."""
    if decision.level is not Level.OVER:
        return Step(state) if state.phase == Phase.NORMAL else _enter(state, Phase.NORMAL, "Below the threshold", at)
    waiting = state if state.phase == Phase.PENDING else state._replace(phase=Phase.PENDING.value, since=at)
    if at >= may_fire_at(config, waiting):
        return _fire(state, decision, at, momentary=momentary)
    if waiting is state:
        return Step(state)
    held = waiting.since + timedelta(minutes=config.for_minutes)
    reason = "Has to hold" if at < held else "Waits for the cooldown"
    return _enter(state, Phase.PENDING, reason, at)


def _fire(state: State, decision: Decision, at: datetime, *, momentary: bool) -> Step:
    fired = state._replace(
        excursion=state.excursion + 1,
        last_triggered_at=at,
        is_open=not momentary,
        baseline=decision.baseline if decision.baseline is not None else state.baseline,
    )
    reached = _enter(fired, Phase.FIRING, "At the threshold or over it", at, event=Event.Kind.FIRED)
    if not momentary:
        return reached
    after = _enter(reached.state, Phase.NORMAL, "Measured from here on", at)
    return after._replace(entered=reached.entered + after.entered, event=Event.Kind.FIRED)


def _enter(state: State, phase: Phase, reason: str, at: datetime, event: Event.Kind | None = None) -> Step:
    return Step(state._replace(phase=phase.value, since=at), ((phase, reason),), event)
