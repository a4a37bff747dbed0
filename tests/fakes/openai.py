"""A language model with OpenAI's chat API that says what a test has written down for it, and counts its tokens."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.fakes.taker import Reply, Request, Taker, reply

KEY = "sk-tests-model-key"


@dataclass
class Said:
    """One answer. `finish` is `length` when a token limit cut it off; `hangs`: seconds until it comes."""

    content: str = ""
    finish: str = "stop"
    tokens_in: int = 100
    tokens_out: int = 50
    hangs: float = 0.0


@dataclass(frozen=True)
class Fault:
    """An error instead of an answer, as OpenAI words them."""

    status: int
    message: str = "No."
    kind: str = "server_error"
    headers: dict[str, str] = field(default_factory=dict)


class Model(Taker):
    """`script` holds what is said, in order; when it is through, the last answer is said again and again."""

    def __init__(self, *script: Said | Fault | str) -> None:
        super().__init__()
        self.script: list[Said | Fault | str] = list(script)

    @property
    def url(self) -> str:
        """What RBI_MODEL_BASE_URL is set to."""
        return f"http://{self.place}/v1"

    @property
    def asked(self) -> list[dict[str, Any]]:
        """The body of every call."""
        with self.lock:
            return [request.json for request in self.requests]

    def answer(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return _fault(Fault(401, "Incorrect API key provided.", "invalid_request_error"))
        if request.path != "/v1/chat/completions":
            return _fault(Fault(404, "Unknown path.", "invalid_request_error"))
        line = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(line, Fault):
            return _fault(line)
        said = Said(line) if isinstance(line, str) else line
        made = reply(200, _completion(request.json["model"], said))
        made.hangs = said.hangs
        return made


def _completion(model: str, said: Said) -> dict[str, Any]:
    usage = {"prompt_tokens": said.tokens_in, "completion_tokens": said.tokens_out}
    message = {"role": "assistant", "content": said.content}
    return {
        "id": "chatcmpl-tests",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": said.finish}],
        "usage": usage | {"total_tokens": said.tokens_in + said.tokens_out},
    }


def _fault(fault: Fault) -> Reply:
    return reply(fault.status, {"error": {"message": fault.message, "type": fault.kind}}, **fault.headers)
