"""Everything the sandbox knows: objects by id, its clock, what is still to be told to webhooks."""

from __future__ import annotations

import json
import secrets
import string
import threading
import time
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from billing.sandbox.errors import NoSuch

# An object as Stripe's JSON. Names with a leading underscore are the sandbox's own and never leave it.
Object = dict[str, Any]
ALPHABET = string.ascii_letters + string.digits
SAVED = ("offset", "objects", "gone", "answers", "deliveries", "mode", "base")


class Store:
    """The state. Whoever calls a method holds `lock`; handlers, pages and due work are called with it held.

    Objects come out as they lie here: change them in place. Check everything first, since nothing is rolled back.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.lock = threading.RLock()
        self.path = path
        self.is_dirty = False
        # By name: what `keep` was asked to remember, as the file holds it. A reset leaves it.
        self.kept: dict[str, str] = {}
        self.reset()
        if path and path.exists():
            vars(self).update(json.loads(path.read_text()))

    def reset(self) -> None:
        """Forget everything; the clock shows real time again."""
        # Seconds that the sandbox's clock is ahead of real time.
        self.offset = 0
        # The time that stands still while due work is done, else None.
        self.frozen: int | None = None
        # By id, the oldest first.
        self.objects: dict[str, Object] = {}
        # Deleted ones, as Stripe still answers for them: {"id", "object", "deleted": true}.
        self.gone: dict[str, Object] = {}
        # What was answered to an idempotency key.
        self.answers: dict[str, Any] = {}
        # Events on their way to a webhook, see deliveries.py.
        self.deliveries: list[dict[str, Any]] = []
        self.mode: dict[str, Any] = {}
        # What tests ask for afterwards: method, path and idempotency key of each call.
        self.calls: list[dict[str, str]] = []
        # Where the sandbox is found, for the URLs in its objects: scheme and host of the newest request.
        self.base = ""
        # What the account's settings let happen to a subscription after the last failed try to be paid.
        self.aftermath = "cancel"
        # The call that is being answered: becomes `request` of the events that it makes.
        self.request: Object = {"id": None, "idempotency_key": None}
        self.is_dirty = True

    def now(self) -> int:
        """The sandbox's time, in seconds since 1970."""
        return self.frozen if self.frozen is not None else int(time.time()) + self.offset

    def new_id(self, prefix: str) -> str:
        """`new_id("cus")` -> "cus_…"."""
        return f"{prefix}_{''.join(secrets.choice(ALPHABET) for _ in range(24))}"

    def put(self, kind: str, obj: Object) -> Object:
        """Keep an object; `kind` is its `object` ("customer", "checkout.session"). Putting it again changes nothing."""
        obj["object"] = kind
        self.objects[obj["id"]] = obj
        return obj

    def get(self, kind: str, id: str, param: str = "id") -> Object:
        """The object itself. Raises NoSuch; `param` is the parameter that held the id, "id" for the path."""
        found = self.objects.get(id)
        if found is None or found["object"] != kind:
            raise NoSuch(kind, id, param)
        return found

    def find(self, id: str) -> Object | None:
        """Whatever has this id, a deleted one as its stub."""
        return self.objects.get(id) or self.gone.get(id)

    def rows(self, kind: str, **fields: Any) -> list[Object]:
        """Those of a kind whose fields are equal to the given ones, the newest first; None asks for nothing."""
        wanted = [(name, value) for name, value in fields.items() if value is not None]
        found = [obj for obj in self.objects.values() if obj["object"] == kind]
        return [obj for obj in reversed(found) if all(obj.get(name) == value for name, value in wanted)]

    def remove(self, obj: Object) -> Object:
        """Delete an object; the answer is its stub."""
        del self.objects[obj["id"]]
        stub = {"id": obj["id"], "object": obj["object"], "deleted": True}
        self.gone[obj["id"]] = stub
        return stub

    def keep(self, name: str) -> None:
        """Remember everything under a name, for as long as the process runs."""
        self.kept[name] = self._text()

    def restore(self, name: str) -> None:
        """Be as when that was kept; calls are counted anew. Raises KeyError."""
        kept = json.loads(self.kept[name])
        self.reset()
        vars(self).update(kept)

    def save(self) -> None:
        """Write the file, whole or not at all."""
        if self.path is None:
            return
        with self.lock:
            self.answers = {key: kept for key, kept in self.answers.items() if kept["until"] > self.now()}
            text = self._text()
            self.is_dirty = False
        part = self.path.with_suffix(".part")
        part.write_text(text)
        part.replace(self.path)

    def _text(self) -> str:
        return json.dumps({name: getattr(self, name) for name in SAVED})


@lru_cache(maxsize=1)
def store() -> Store:
    """The one of this process."""
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    return Store(settings.DATA_DIR / "stripe-sandbox.json")
