"""One answer of a model: asked for over HTTP, cancelled with the run, continued when a token limit cut it off."""

from __future__ import annotations

from typing import Any

import structlog
from django.conf import settings

from backtests.rbi.model import budget, prompts
from backtests.rbi.model.server import Asker, Server
from backtests.rbi.stages.waiting import wait
from backtests.rbi.stages.work import Work

Message = dict[str, str]
# Pieces of one answer: a strategy has never needed more than three of four thousand tokens.
MOST_PIECES = 6
# Letters at the end of a piece that the next one may repeat.
OVERLAP = 400
log = structlog.get_logger(__name__)


class ModelAway(Exception):
    """There is no answer; the text is for the customer and holds nothing that the server said."""


def complete(work: Work, stage: Asker, server: Server, messages: list[Message]) -> str:
    """The whole answer to a conversation. Raises ModelAway, BudgetSpent and Stopped."""
    answer = ""
    for _ in range(MOST_PIECES):
        asked = messages if not answer else [*messages, *_go_on(answer)]
        piece, is_cut = _piece(work, stage, server, asked)
        answer = joined(answer, piece)
        # Some servers do not say so: then the fence is still open.
        if not is_cut and answer.count("```") % 2 == 0:
            return answer
        work.say("The model's answer was cut off; asking for the rest")
    raise ModelAway("The model's answer was cut off again and again. Ask for something shorter.")


def joined(answer: str, piece: str) -> str:
    """An answer and its continuation: without a fence that is opened again, and without what is said twice."""
    if answer.count("```") % 2 and piece.lstrip().startswith("```"):
        piece = piece.lstrip().partition("\n")[2]
    for length in range(min(OVERLAP, len(answer), len(piece)), 10, -1):
        if answer.endswith(piece[:length]):
            return answer + piece[length:]
    return answer + piece


def _go_on(answer: str) -> list[Message]:
    return [{"role": "assistant", "content": answer}, {"role": "user", "content": prompts.text("continue")}]


def _piece(work: Work, stage: Asker, server: Server, messages: list[Message]) -> tuple[str, bool]:
    """A piece of the answer, and whether a token limit cut it off."""
    letters = sum(len(message["content"].encode()) for message in messages)
    spend, most_tokens = budget.reserve(work, stage, server, letters=letters)
    answer = _answer(work, server, messages, most_tokens)
    usage = getattr(answer, "usage", None)
    tokens = (getattr(usage, "prompt_tokens", None), getattr(usage, "completion_tokens", None))
    if isinstance(tokens[0], int) and isinstance(tokens[1], int):
        budget.settle(spend, server, tokens_in=tokens[0], tokens_out=tokens[1])
    return _first_choice(answer)


def _first_choice(answer: Any) -> tuple[str, bool]:
    """The text, and whether it was cut off. Whatever stands at the address may have answered, so nothing is certain."""
    try:
        choice = answer.choices[0]
        text, is_cut = choice.message.content, choice.finish_reason == "length"
    except (AttributeError, IndexError, TypeError):
        raise ModelAway("The model gave no answer.") from None
    return text if isinstance(text, str) else "", is_cut


def _answer(work: Work, server: Server, messages: list[Message], most_tokens: int) -> Any:
    """What the server said. The call has a thread of its own, so that a cancelled run does not wait for it."""
    # A second of imports that only a worker with a model needs.
    import openai

    client = openai.OpenAI(
        base_url=server.base_url or None, api_key=server.api_key, timeout=settings.RBI_MODEL_TIMEOUT, max_retries=2
    )

    def ask() -> Any:
        try:
            return _create(client, server, messages, max_tokens=most_tokens)
        except openai.BadRequestError as error:
            # Newer models of OpenAI's know the limit by another name only.
            if "max_completion_tokens" not in str(error):
                raise
            return _create(client, server, messages, max_completion_tokens=most_tokens)

    try:
        return wait(work, ask, client.close)
    # A body that is no JSON is a ValueError of the library's.
    except (openai.OpenAIError, ValueError) as error:
        log.warning("a model gave no answer", model=server.model, kind=type(error).__name__)
        raise ModelAway(_why(error)) from None


def _create(client: Any, server: Server, messages: list[Message], **limit: int) -> Any:
    return client.chat.completions.create(model=server.model, messages=messages, **limit)


def _why(error: Exception) -> str:
    texts = {
        "APITimeoutError": f"The model did not answer within {settings.RBI_MODEL_TIMEOUT:g} seconds.",
        "RateLimitError": "The model's server has too much to do.",
        "AuthenticationError": "The model's server refuses our key.",
        "PermissionDeniedError": "The model's server refuses our key.",
        "NotFoundError": "The model's server does not know the model.",
        "JSONDecodeError": "What the model's address answers is no answer of a model.",
    }
    return texts.get(type(error).__name__, "The model's server could not be reached or broke.")
