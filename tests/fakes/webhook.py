"""A customer's receiver of Standard Webhooks that checks signatures by the specification's text, not by our code."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time

from tests.fakes.taker import Reply, Request, Taker

URL = "https://hooks.customer.example/in?key=very-secret"
HOST = "hooks.customer.example"


class Receiver(Taker):
    """Answers 401 to what is not signed with `secret` or is older than five minutes."""

    def __init__(self, secret: str = "") -> None:
        super().__init__()
        self.secret = secret

    def answer(self, request: Request) -> Reply:
        return Reply(204 if self.is_signed(request) else 401)

    def is_signed(self, request: Request) -> bool:
        named, sent = request.headers["webhook-id"], request.headers["webhook-timestamp"]
        key = base64.b64decode(self.secret.split("_", 1)[1])
        content = b".".join([named.encode(), sent.encode(), request.body])
        expected = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
        given = [part.split(",")[1] for part in request.headers["webhook-signature"].split()]
        return expected in given and abs(time.time() - int(sent)) < 300
