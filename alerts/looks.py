"""One alert looked at: its rule, then the machine. A rule that breaks is that alert's error and nobody else's."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import structlog

from alerts import machine
from alerts.changes import Change
from alerts.counted import FAILED
from alerts.rules.registry import RULES
from alerts.rules.shapes import Aggregate, Config, Decision, Level, State, config_of, state_of

ERROR = Decision(Level.ERROR)
log = structlog.get_logger(__name__)


def look(alert: Any, aggregate: Aggregate | None, at: datetime) -> Change | None:
    """What changes for an alert at a moment; None when nothing does. No aggregate: its kind is unknown."""
    config, state = config_of(alert), state_of(alert)
    decision = ERROR if aggregate is None else _decide(alert.id, config, aggregate, state)
    momentary = aggregate is not None and RULES[config.kind].MOMENTARY
    step = machine.step(config, state, decision, at, momentary=momentary)
    return None if step.state == state else Change(alert, decision, step)


def _decide(alert_id: str, config: Config, aggregate: Aggregate, state: State) -> Decision:
    try:
        return RULES[config.kind].evaluate(config, aggregate, state)
    # Whatever breaks for one alert must not keep the others from being looked at.
    except Exception as error:
        FAILED.labels(config.kind).inc()
        log.error("an alert could not be evaluated", alert=alert_id, kind=config.kind, exc_info=error)
        return ERROR
