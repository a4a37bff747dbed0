"""The gate of this release: a fixed minute counted in Redis, and alone while Redis is away."""

from __future__ import annotations

import structlog

from gateway.gate import limiter
from gateway.gate.circuit import Circuit
from gateway.gate.interface import Admission, Ticket, Verdict
from gateway.gate.local import LocalGate
from moondev.lib import redis

log = structlog.get_logger(__name__)


class MinuteGate:
    """A `Gate`. One per process; what it remembers is forgotten with the window."""

    def __init__(self, processes: int) -> None:
        self._local = LocalGate(processes)
        self._circuit = Circuit()

    @property
    def is_alone(self) -> bool:
        """Whether the last call found Redis away."""
        return self._circuit.is_open

    def admit(self, ticket: Ticket) -> Admission:
        """Decide in Redis; without it, alone."""
        known = self._local.known_abuse(ticket)
        if known is not None:
            return known
        if not self._circuit.allows():
            return self._local.admit(ticket)
        debt, window = self._local.take_debt(ticket)
        try:
            admission = limiter.admit(ticket, debt=debt, debt_window=window)
        except redis.AWAY as error:
            self._local.put_debt_back(ticket, debt, window)
            self._lose(error)
            return self._local.admit(ticket)
        self._find()
        self._local.heard(admission)
        return admission

    def settle(self, admission: Admission, *, succeeded: bool) -> Admission:
        """Give back what a failed request took. Without Redis what it counted stays counted: never too much passes."""
        if succeeded or not admission.ticket.cost or admission.verdict is not Verdict.ADMITTED:
            return admission
        settled = self._local.give_back(admission)
        if admission.alone or not self._circuit.allows():
            return settled
        try:
            return limiter.refund(admission)
        except redis.AWAY as error:
            self._lose(error)
            return settled

    def _lose(self, error: Exception) -> None:
        if not self._circuit.is_open:
            log.warning("redis is away, limits are counted alone", error=type(error).__name__)
        self._circuit.open()

    def _find(self) -> None:
        if self._circuit.is_open:
            log.info("redis is back, limits are shared again")
        self._circuit.close()
