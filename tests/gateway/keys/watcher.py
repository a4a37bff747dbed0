"""A second process that looks keys up, as a web process does. One line in, one JSON line out.

In: `look <key>`, `fork <key>` (look in a forked child) or `hear` (is the subscription proven). Out: what was found.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any, cast

import django

django.setup()

from django.db import connection  # noqa: E402 settings first

from gateway.keys import changes, records  # noqa: E402 settings first
from moondev.lib.errors import Unavailable  # noqa: E402 settings first


class Reads:
    """Counts how often a key was read from PostgreSQL."""

    count = 0

    def __call__(self, execute: Callable[..., Any], sql: str, *args: Any) -> Any:
        self.count += 'FROM "gateway_keysecret"' in sql
        return execute(sql, *args)


reads = Reads()


def look(secret: str) -> dict[str, Any]:
    """How a key stands: open, a reason why not, unknown, or away."""
    started = time.monotonic()
    try:
        record = records.find(secret)
    except Unavailable:
        return {"state": "away", "reads": reads.count}
    took = time.monotonic() - started
    if record is None:
        return {"state": "unknown", "reads": reads.count}
    stopped = [name for name in ("revoked",) if getattr(record, name)]
    stopped += [f"not {name}" for name in ("enabled", "workspace_open") if not getattr(record, name)]
    return {
        "state": stopped[0] if stopped else "open",
        "limit": record.limit_per_minute,
        "reads": reads.count,
        "seconds": took,
    }


def hear() -> dict[str, Any]:
    changes.listener().start()
    return {"proven": changes.listener().is_proven(time.monotonic())}


def fork(secret: str) -> dict[str, Any]:
    """Look in a child: it must subscribe anew and hear."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        # What every forking server does: the parent's connections are the parent's.
        connection.connection = None
        cast(Any, connection).close_pool()
        found = look(secret)
        deadline = time.monotonic() + 5
        while not hear()["proven"] and time.monotonic() < deadline:
            time.sleep(0.05)
        os.write(writer, json.dumps({**found, **hear()}).encode())
        os._exit(0)
    os.wait()
    answer: dict[str, Any] = json.loads(os.read(reader, 65536))
    return answer


def main() -> None:
    deeds: dict[str, Callable[..., dict[str, Any]]] = {"look": look, "hear": hear, "fork": fork}
    with connection.execute_wrapper(reads):
        for line in sys.stdin:
            deed, *given = line.split()
            sys.stdout.write("> " + json.dumps(deeds[deed](*given)) + "\n")
            sys.stdout.flush()


main()
