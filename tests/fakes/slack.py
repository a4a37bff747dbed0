"""Slack's incoming webhooks: `ok` for what they take, one word for what they do not."""

from __future__ import annotations

from tests.fakes.taker import Reply, Request, Taker

WEBHOOK = "https://hooks.slack.com/services/T00000001/B00000001/abcdefghijklmnopqrstuvwx"


class Slack(Taker):
    def answer(self, request: Request) -> Reply:
        sections = [block["text"]["text"] for block in request.json.get("blocks", [])]
        if not request.json.get("text") or len(sections) > 50 or any(len(text) > 3000 for text in sections):
            return Reply(400, b"invalid_payload")
        return Reply(200, b"ok")
