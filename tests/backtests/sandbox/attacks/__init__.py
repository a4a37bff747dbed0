"""Attacks on the sandbox: Python source that a customer could send.

An attack leaves in `result` whatever it got, and nothing when it got nothing. How it may end stands beside it: whoever
is refused something gets an exception, whoever takes too much is stopped.
"""

from __future__ import annotations

from tests.backtests.sandbox.attacks import escape, files, machine, network, processes, protocol, resources
from tests.backtests.sandbox.attacks.attack import Attack

ATTACKS: tuple[Attack, ...] = (
    *files.ATTACKS,
    *processes.ATTACKS,
    *network.ATTACKS,
    *machine.ATTACKS,
    *escape.ATTACKS,
    *resources.ATTACKS,
    *protocol.ATTACKS,
)
