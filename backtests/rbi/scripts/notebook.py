"""Jupyter notebooks, pasted or uploaded as the JSON that they are."""

from __future__ import annotations

import json
from typing import Any


def code_of(text: str) -> str | None:
    """The code of all cells in order, None for what is no notebook."""
    if not text.lstrip().startswith("{") or '"cells"' not in text:
        return None
    try:
        cells = json.loads(text)["cells"]
        return "\n\n".join(_source(cell) for cell in cells if cell["cell_type"] == "code")
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _source(cell: dict[str, Any]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(map(str, source))
