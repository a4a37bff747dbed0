"""All attacks at once, and what is to be said about each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from backtests.sandbox import JSON, Job, Level
from backtests.sandbox.line import Line
from tests.backtests.sandbox.attacks import ATTACKS
from tests.backtests.sandbox.attacks.attack import Attack
from tests.backtests.sandbox.prey import Prey

# Half of them sleep until they are stopped.
PARALLEL = 8
# So long after its limit an attack is over, by the zygote's clock; what the test itself waits is for a busy machine.
PROMISE_SECONDS, PATIENCE = 2, 3

# Level and name of an attack -> what went wrong, or "".
Complaints = Mapping[tuple[Level, str], str]


def assault(line: Line, prey: Prey, levels: Iterable[Level]) -> Complaints:
    """Try every attack at every level."""
    line.warm_up()
    tries = [(level, attack) for level in levels for attack in ATTACKS]
    with ThreadPoolExecutor(PARALLEL) as attackers:
        complaints = list(attackers.map(lambda pair: _attack(line, prey, *pair), tries))
    return {(level, attack.name): said for (level, attack), said in zip(tries, complaints, strict=True)}


def _attack(line: Line, prey: Prey, level: Level, attack: Attack) -> str:
    payload: dict[str, JSON] = {**prey.payload, "source": attack.program, "zygote": line.zygote}
    started = line.start(Job("source", payload, {"bars": b"1,2,3"}, attack.limits), level)
    try:
        outcome = started.wait(PATIENCE * (attack.limits.wall_sec + PROMISE_SECONDS))
    except TimeoutError:
        started.cancel()
        return "it did not end"
    if outcome.seconds > attack.limits.wall_sec + PROMISE_SECONDS:
        return f"it ended after {outcome.seconds:.1f} s, and its limit is {attack.limits.wall_sec:g} s"
    if outcome.document:
        return f"it got {str(outcome.document)[:500]}"
    return "" if outcome.ended in attack.ends else f"it ended otherwise: {str(outcome)[:1000]}"
