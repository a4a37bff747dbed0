"""News of changed keys, plans and workspaces, from the process that changed them to all others.

One Redis channel. A message alone cannot be trusted to arrive: a connection can be lost, or stand and carry nothing.
So each process sends PING on its subscription four times a second. Redis answers on one connection in order, hence a
PONG proves that everything published before its PING has been heard; without one for `PROOF_SECONDS` nothing is proven
and `records` asks PostgreSQL again. And whoever made a change can die before the message is sent, so `commits` hears of
it from PostgreSQL as well. A change therefore holds everywhere within a second, message or not.
"""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections import deque
from functools import partial
from typing import Any

import structlog
from redis.client import PubSub

from gateway.keys.commits import Commits
from gateway.keys.news import News
from moondev.lib import redis
from moondev.lib.commit import after_commit

PING_SECONDS = 0.25
PROOF_SECONDS = 0.75
# A connection that has answered nothing for so long is given up for a new one.
DEAF_SECONDS = 2.0
RETRY_SECONDS = 0.25
# News that could not be sent is tried again for a while; after that every record has been read anew anyway.
RESEND_SECONDS = 10.0
# A message: the sender's name, a workspace's id or ANY, and whether something stopped.
ANY, STOPS, CHANGES = b"*", b"stops", b"changes"

log = structlog.get_logger("gateway.keys")


class Deaf(OSError):
    """The subscription stands but answers nothing."""


class Listener:
    """The subscription of this process, in a thread of its own that ends with the process."""

    def __init__(self) -> None:
        self.news = News()
        self._commits = Commits(self.news)
        self._name = secrets.token_hex(8).encode()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._proven_until = float("-inf")
        self._subscribed = False
        self._sent: dict[bytes, float] = {}
        self._answered_at = 0.0
        self._unsent: deque[tuple[float, bytes]] = deque(maxlen=1000)

    def start(self) -> None:
        """Listen from now on. Costs nothing when it does already."""
        if self._thread is not None:
            return
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="key-changes", daemon=True)
                self._thread.start()
                self._commits.start()

    def is_proven(self, now: float) -> bool:
        """Whether every change until a second before `now` (monotonic) has been heard of, published or not."""
        return self.hears(now) and self._commits.is_proven(now)

    def hears(self, now: float) -> bool:
        """Whether everything published until `PROOF_SECONDS` before `now` (monotonic) has been heard."""
        return now < self._proven_until

    def tell(self, workspace_id: int | None, *, stops: bool) -> None:
        """Note a change here and tell all processes. What Redis does not take now is sent again by the thread."""
        self.news.note(workspace_id, stops=stops)
        workspace = ANY if workspace_id is None else str(workspace_id).encode()
        message = b" ".join([self._name, workspace, STOPS if stops else CHANGES])
        try:
            redis.client().publish(channel(), message)
        except redis.AWAY:
            log.warning("news of a changed key is late: Redis is away")
            self._unsent.append((time.monotonic(), message))
            self.start()

    def _run(self) -> None:
        while True:
            try:
                self._listen()
            except redis.AWAY as error:
                # Once for each loss, not for each attempt to come back.
                if self._subscribed:
                    log.warning("subscription to key changes lost", error=type(error).__name__)
            except Exception:
                # Without this thread every record is read once a second for ever; it must outlive any fault.
                log.exception("listening for key changes failed")
            self._subscribed = False
            self._proven_until = float("-inf")
            time.sleep(RETRY_SECONDS)

    def _listen(self) -> None:
        """Subscribe and hear until the connection fails."""
        subscription = redis.subscriber()
        try:
            self._sent.clear()
            self._answered_at = time.monotonic()
            subscription.subscribe(channel())
            while True:
                self._beat(subscription)
                self._hear(subscription, until=time.monotonic() + PING_SECONDS)
        finally:
            subscription.close()

    def _beat(self, subscription: PubSub) -> None:
        now = time.monotonic()
        if now - self._answered_at > DEAF_SECONDS:
            raise Deaf
        # The text of a PING comes back in its PONG; it says which of several was answered.
        text = f"{now:.6f}"
        self._sent[text.encode()] = now
        subscription.ping(text)
        self._send_again(now)

    def _hear(self, subscription: PubSub, until: float) -> None:
        while (left := until - time.monotonic()) > 0:
            message = subscription.get_message(timeout=left)
            if message is not None:
                self._take(message)

    def _take(self, message: dict[str, Any]) -> None:
        kind, data = message["type"], message["data"]
        if kind == "subscribe":
            # What was said before this moment was said to nobody here.
            self._subscribed = True
            self.news.note(None)
        elif kind == "message":
            sender, _, text = data.partition(b" ")
            # What this process said itself it knew before it said it.
            if sender != self._name:
                workspace, _, verb = text.partition(b" ")
                self.news.note(int(workspace) if workspace.isdigit() else None, stops=verb == STOPS)
        elif kind == "pong":
            self._prove(data)

    def _prove(self, text: bytes) -> None:
        sent_at = self._sent.pop(text, None)
        if sent_at is None or not self._subscribed:
            return
        self._answered_at = time.monotonic()
        self._proven_until = sent_at + PROOF_SECONDS

    def _send_again(self, now: float) -> None:
        while self._unsent:
            since, message = self._unsent[0]
            if now - since < RESEND_SECONDS:
                redis.client().publish(channel(), message)
            self._unsent.popleft()


_listener = Listener()


def listener() -> Listener:
    """The listener of this process."""
    return _listener


def publish(workspace_id: int | None, *, stops: bool = False) -> None:
    """Tell every process, this one first, that keys, terms or state of a workspace (None: of any) are new.

    `stops` says that something works no longer: then no record from before it passes, even if PostgreSQL cannot be
    asked. To be called after commit: who hears it reads the rows at once.
    """
    _listener.tell(workspace_id, stops=stops)


def publish_on_commit(workspace_id: int | None, *, stops: bool = False) -> None:
    """`publish` when the transaction of the caller has been committed."""
    after_commit(partial(publish, workspace_id, stops=stops))


def channel() -> str:
    """The channel's name. Redis channels ignore the database's number, so the name carries it."""
    number = redis.client().connection_pool.connection_kwargs.get("db") or 0
    return f"moondev:key-changes:{number}"


def _start_anew() -> None:
    """A forked child has the parent's memory but not its thread."""
    global _listener
    _listener = Listener()


os.register_at_fork(after_in_child=_start_anew)
