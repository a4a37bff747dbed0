"""A gate that tells Prometheus what it decided."""

from __future__ import annotations

from prometheus_client import Counter

from gateway.gate.interface import Admission, Gate, Ticket, Verdict

DECISIONS = Counter("moondev_gate_decisions", "Requests the gate decided on", ["verdict", "alone"])


class CountedGate:
    """A `Gate` around another one. Tickets that cost nothing are counted too: refusals of a ceiling hit them."""

    def __init__(self, inner: Gate) -> None:
        self._inner = inner
        # Looked up once: a label costs more than the addition.
        self._counters = {
            (verdict, alone): DECISIONS.labels(verdict.name.lower(), "yes" if alone else "no")
            for verdict in Verdict
            for alone in (False, True)
        }

    def admit(self, ticket: Ticket) -> Admission:
        """What the inner gate decides."""
        admission = self._inner.admit(ticket)
        self._counters[Verdict(admission.verdict), admission.alone].inc()
        return admission

    def settle(self, admission: Admission, *, succeeded: bool) -> Admission:
        """What the inner gate settles."""
        return self._inner.settle(admission, succeeded=succeeded)
