"""The states of an alert over any path of values."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from alerts import machine
from alerts.models import Event
from alerts.rules.shapes import Aggregate, Config, Decision, Level, State, level_of
from tests.alerts.evaluation.conftest import NOON, after

FIRED, RESOLVED, NO_DATA = Event.Kind.FIRED, Event.Kind.RESOLVED, Event.Kind.NO_DATA
SPIKE = Config("liquidation_spike", threshold=100.0, cooldown_minutes=0)
Told = list[tuple[int, Event.Kind]]


def decide(config: Config, value: float | None, *, is_stale: bool = False) -> Decision:
    return Decision(level_of(config, Aggregate(value, is_stale), value), value)


def run(config: Config, values: list[float | None]) -> tuple[State, Told, list[str]]:
    """One look a minute: the state at its end, what was told in which minute, and the phases gone through."""
    state, told, phases = State(since=NOON), [], []
    for minute, value in enumerate(values):
        step = machine.step(config, state, decide(config, value), after(minute))
        told += [(minute, step.event)] if step.event else []
        phases += [phase.value for phase, _ in step.entered]
        state = step.state
    return state, told, phases


def test_it_fires_at_the_threshold_and_resolves_below_it() -> None:
    _, told, phases = run(SPIKE, [99, 100, 150, 100, 99.9, 0])
    assert told == [(1, FIRED), (4, RESOLVED)]
    assert phases == ["firing", "normal"]


def test_it_stays_in_the_excursion_until_the_value_is_below_the_recovery_threshold() -> None:
    _, told, phases = run(replace(SPIKE, recovery_threshold=50.0), [100, 99, 50, 120, 60, 49])
    assert told == [(0, FIRED), (5, RESOLVED)]
    assert phases == ["firing", "recovering", "firing", "recovering", "normal"]


def test_it_waits_until_the_value_has_held() -> None:
    config = replace(SPIKE, for_minutes=3)
    assert run(config, [100, 100, 100, 99, 100, 100])[1] == []
    assert run(config, [0, 100, 100, 100, 100])[1] == [(4, FIRED)]


def test_it_fires_after_the_cooldown_when_the_value_still_is_over() -> None:
    config = replace(SPIKE, cooldown_minutes=5)
    _, told, phases = run(config, [100, 0, 100, 100, 100, 100])
    assert told == [(0, FIRED), (1, RESOLVED), (5, FIRED)]
    assert phases == ["firing", "normal", "pending", "firing"]


def test_it_forgets_what_came_and_went_within_the_cooldown() -> None:
    assert run(replace(SPIKE, cooldown_minutes=5), [100, 0, 100, 0, 0, 0, 0])[1] == [(0, FIRED), (1, RESOLVED)]


def test_it_keeps_an_excursion_open_over_a_gap() -> None:
    _, told, phases = run(SPIKE, [100, None, None, 100, None, 0])
    assert told == [(0, FIRED), (1, NO_DATA), (4, NO_DATA), (5, RESOLVED)]
    assert phases == ["firing", "no_data", "firing", "no_data", "normal"]


def test_it_says_nothing_of_a_gap_outside_an_excursion() -> None:
    assert run(SPIKE, [0, None, 0])[1] == []


def test_it_does_not_count_a_gap_as_holding() -> None:
    assert run(replace(SPIKE, for_minutes=3), [100, 100, None, 100, 100, 100])[1] == []


def test_it_changes_nothing_while_a_stale_feed_shows_a_small_value() -> None:
    firing = machine.step(SPIKE, State(since=NOON), decide(SPIKE, 100), NOON).state
    step = machine.step(SPIKE, firing, decide(SPIKE, 3, is_stale=True), after(1))
    assert (step.state, step.event) == (firing, None)


def test_it_fires_on_what_a_stale_feed_already_proves() -> None:
    assert machine.step(SPIKE, State(since=NOON), decide(SPIKE, 100, is_stale=True), NOON).event is FIRED


def test_it_goes_to_error_and_comes_back() -> None:
    firing = machine.step(SPIKE, State(since=NOON), decide(SPIKE, 100), NOON).state
    broken = machine.step(SPIKE, firing, Decision(Level.ERROR), after(1)).state
    assert (broken.phase, broken.is_open) == ("error", True)
    assert machine.step(SPIKE, broken, decide(SPIKE, 100), after(2)).event is None


def test_a_momentary_kind_fires_and_is_normal_again() -> None:
    step = machine.step(SPIKE, State(since=NOON), Decision(Level.OVER, 100.0, baseline=7.0), NOON, momentary=True)
    assert [phase for phase, _ in step.entered] == ["firing", "normal"]
    assert (step.state.phase, step.state.is_open, step.state.baseline, step.event) == ("normal", False, 7.0, FIRED)


VALUES = st.one_of(st.none(), st.sampled_from([0.0, 49.0, 50.0, 75.0, 99.0, 100.0, 200.0]))
# A look: the minutes since the one before (none: the same moment again), the value, and whether the feed is stale.
LOOKS = st.lists(st.tuples(st.integers(0, 7), VALUES, st.booleans()), max_size=60)
CONFIGS = st.builds(
    Config,
    kind=st.just("liquidation_spike"),
    threshold=st.just(100.0),
    recovery_threshold=st.sampled_from([None, 50.0, 100.0]),
    for_minutes=st.integers(0, 10),
    cooldown_minutes=st.integers(0, 20),
)


@given(CONFIGS, LOOKS)
def test_it_tells_each_excursion_once_on_any_path(config: Config, looks: list[tuple[int, float | None, bool]]) -> None:
    state, minute, last_fired = State(since=NOON), 0, None
    open_since: int | None = None
    for gap, value, is_stale in looks:
        minute += gap
        at = after(minute)
        step = machine.step(config, state, decide(config, value, is_stale=is_stale), at)
        if step.event is FIRED:
            # Over the threshold, not within an excursion, and not before the cooldown is over.
            assert value is not None
            assert value >= config.threshold
            assert open_since is None
            assert last_fired is None or at - last_fired >= timedelta(minutes=config.cooldown_minutes)
            assert step.state.excursion == state.excursion + 1
            open_since, last_fired = minute, at
        if step.event is RESOLVED:
            # Seen below the recovery threshold by a feed that can be trusted, at the end of an excursion.
            assert open_since is not None
            assert value is not None
            assert value < config.recovery
            assert not is_stale
            open_since = None
        assert step.state.is_open == (open_since is not None)
        again = machine.step(config, step.state, decide(config, value, is_stale=is_stale), at)
        if config.cooldown_minutes or step.event is not RESOLVED:
            assert (again.event, again.state.excursion) == (None, step.state.excursion)
        state = step.state


@given(CONFIGS, LOOKS)
def test_it_fires_only_after_the_value_was_seen_over_for_long_enough(
    config: Config, looks: list[tuple[int, float | None, bool]]
) -> None:
    state, minute = State(since=NOON), 0
    over_since: int | None = None
    for gap, value, is_stale in looks:
        minute += gap
        if value is not None and value >= config.threshold:
            over_since = minute if over_since is None else over_since
        elif value is None or not is_stale:
            over_since = None
        step = machine.step(config, state, decide(config, value, is_stale=is_stale), after(minute))
        if step.event is FIRED:
            assert over_since is not None
            assert minute - over_since >= config.for_minutes
        state = step.state
