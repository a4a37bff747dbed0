"""Having the market data read now, by API and by the page's button."""

from __future__ import annotations

from billing.wake import wake
from marketdata.state import is_live

INGEST = "marketdata.tasks.ingest"


def refresh() -> bool:
    """Let live sources be read now. False for files, which change when somebody imports one."""
    if not is_live():
        return False
    wake(INGEST)
    return True
