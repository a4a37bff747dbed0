"""Changes as PostgreSQL tells them: with the commit, whoever made it and whatever has become of them since.

Redis' messages are sent after a commit, so one is lost when its sender dies in between or cannot reach Redis. Triggers
on every table that a record is read from notify in the transaction itself (migration 0004), and each process listens on
a connection of its own. An answer on it proves that every notification before has come, as `changes` says of Redis.
"""

from __future__ import annotations

import select
import threading
import time
from typing import Any

import psycopg
import structlog
from django.conf import settings
from django.db import connection

from gateway.keys.news import News

# The name that the migration's triggers use.
CHANNEL = "moondev_key_changes"
ANY, STOPS = "*", "stops"
PING_SECONDS = 0.4
# With what a record may be old without any proof, this is the second within which a change holds.
PROOF_SECONDS = 1.0
RETRY_SECONDS = 0.5
NAME = f"moondev-{settings.MOONDEV_SERVICE}-changes"
# Milliseconds after which a network that takes nothing counts as a lost connection.
DEAF = 2000

log = structlog.get_logger("gateway.keys")


class Commits:
    """PostgreSQL's notifications to this process, in a thread of its own that ends with the process."""

    def __init__(self, news: News) -> None:
        self._news = news
        self._proven_until = float("-inf")

    def start(self) -> None:
        """Listen from now on. To be called once."""
        threading.Thread(target=self._run, name="key-commits", daemon=True).start()

    def is_proven(self, now: float) -> bool:
        """Whether everything committed until `PROOF_SECONDS` before `now` (monotonic) has been heard."""
        return now < self._proven_until

    def _run(self) -> None:
        while True:
            try:
                self._listen()
            except psycopg.Error as error:
                # Once for each loss, not for each attempt to come back.
                if self._proven_until > 0:
                    log.warning("PostgreSQL tells of no changes to keys", error=type(error).__name__)
            except Exception:
                # Without this thread every record is read once a second for ever; it must outlive any fault.
                log.exception("listening for commits failed")
            self._proven_until = float("-inf")
            time.sleep(RETRY_SECONDS)

    def _listen(self) -> None:
        """Listen until the connection fails."""
        with psycopg.connect(**_parameters()) as line:
            line.add_notify_handler(self._take)
            line.execute(f"LISTEN {CHANNEL}")
            # What was committed before this moment was told to nobody here.
            self._news.note(None)
            while True:
                self._prove(line)
                select.select([line], [], [], PING_SECONDS)

    def _prove(self, line: psycopg.Connection) -> None:
        """Ask for nothing; all notifications come before the answer."""
        asked_at = time.monotonic()
        line.execute("")
        self._proven_until = asked_at + PROOF_SECONDS

    def _take(self, told: psycopg.Notify) -> None:
        workspace, _, verb = told.payload.partition(" ")
        self._news.note(None if workspace == ANY else int(workspace), stops=verb == STOPS)


def _parameters() -> dict[str, Any]:
    given = connection.get_connection_params()
    return {**given, "autocommit": True, "connect_timeout": 2, "tcp_user_timeout": DEAF, "application_name": NAME}
