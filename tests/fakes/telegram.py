"""Telegram's Bot API, as far as sendMessage goes."""

from __future__ import annotations

from tests.fakes.taker import Reply, Request, Taker, reply

TOKEN = "123456789:AAExampleExampleExampleExampleExample"


class Telegram(Taker):
    def answer(self, request: Request) -> Reply:
        if request.path != f"/bot{TOKEN}/sendMessage":
            return reply(401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
        if not 0 < len(request.json["text"]) <= 4096:
            return reply(400, {"ok": False, "error_code": 400, "description": "Bad Request: message is too long"})
        return reply(200, {"ok": True, "result": {"message_id": len(self.requests)}})
