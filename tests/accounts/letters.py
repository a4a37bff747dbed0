"""Reading the letters that live services and workers have written."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from pathlib import Path
from time import monotonic, sleep

PATIENCE_SECONDS = 15


def letter_to(address: str, pattern: str, folder: Path) -> str:
    """What a pattern finds in the newest letter to an address that has it; letters may take a moment."""
    deadline = monotonic() + PATIENCE_SECONDS
    while monotonic() < deadline:
        for file in sorted(folder.iterdir(), key=lambda item: item.stat().st_mtime, reverse=True):
            letter = message_from_bytes(file.read_bytes(), policy=policy.default)
            body = letter.get_body(("plain",))
            found = re.search(pattern, body.get_content()) if letter["To"] == address and body else None
            if found:
                return found.group()
        sleep(0.1)
    raise AssertionError(f"no such letter to {address}")
