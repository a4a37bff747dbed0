"""Text of a child as customers see it: without the paths of the machine that it ran on."""

from __future__ import annotations

import sys
import sysconfig

from backtests.sandbox.warmth import ROOT

# Longest first, since one is often inside another.
PLACES = sorted({*sysconfig.get_paths().values(), sys.prefix, sys.base_prefix, str(ROOT)}, key=len, reverse=True)


def text_for_customers(text: str) -> str:
    """`/usr/lib/python3.11/json/decoder.py` as `json/decoder.py`."""
    for place in PLACES:
        text = text.replace(f"{place}/", "")
    return text
