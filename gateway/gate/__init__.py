"""The gate: known, allowed, within the minute. The rest of the product needs no more of it than these names."""

from gateway.gate.interface import Admission, Gate, Ticket, Verdict
from gateway.gate.reading import Quota, quota

__all__ = ["Admission", "Gate", "Quota", "Ticket", "Verdict", "quota"]
