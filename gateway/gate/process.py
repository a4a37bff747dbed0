"""The gate of this process. A forked child starts anew: what the parent admitted is the parent's to answer for."""

from __future__ import annotations

import os
from functools import lru_cache

from django.conf import settings

from gateway.gate.counted import CountedGate
from gateway.gate.interface import Gate
from gateway.gate.local import LocalGate
from gateway.gate.minute import MinuteGate


@lru_cache(maxsize=1)
def gate() -> Gate:
    """The one gate of this process, made when the first request or the middleware asks for it."""
    return CountedGate(MinuteGate(settings.GATEWAY_MAX_PROCESSES))


@lru_cache(maxsize=1)
def doorstep() -> LocalGate:
    """Counts in this process' memory what is refused at sight, so that such a refusal asks nobody."""
    return LocalGate(1)


os.register_at_fork(after_in_child=gate.cache_clear)
os.register_at_fork(after_in_child=doorstep.cache_clear)
