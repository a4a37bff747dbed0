"""What axe-core finds wrong with the page that is open in a browser."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice")
RUN = "axe.run({options}).then(results => results.violations)"


def violations(page: Page, only: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The rules that are broken and their `nodes`; `only` those of these tags or names, else all that are on.

    What passes is neither gathered nor sent here: that was most of the work.
    """
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if only:
        options["runOnly"] = list(only)
    if not page.evaluate("typeof axe === 'object'"):
        # The script is half a megabyte: it is sent for all that this tab will open, not anew for each of them.
        page.add_init_script(AXE_SCRIPT)
        page.evaluate(AXE_SCRIPT)
    found: list[dict[str, Any]] = page.evaluate(RUN.format(options=json.dumps(options)))
    return found


def told(found: list[dict[str, Any]]) -> list[str]:
    """One line for each node: the rule, what is wrong and the start of its HTML."""
    return [f"{rule['id']}: {node['failureSummary']}: {node['html'][:120]}" for rule in found for node in rule["nodes"]]
