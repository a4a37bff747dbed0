"""The child's frames: whole or in pieces, honest or not."""

from __future__ import annotations

import pytest

from backtests.sandbox import frames
from backtests.sandbox.answers import Answers

LARGEST = 1000
BEGIN = frames.packed(frames.BEGIN)


def heard(*chunks: bytes) -> Answers:
    answers = Answers(largest=LARGEST)
    for chunk in chunks:
        answers.feed(chunk)
    return answers


def test_it_takes_frames_in_whatever_pieces_they_come() -> None:
    stream = BEGIN + frames.packed(frames.PROGRESS, b'{"bars": 1}') + frames.packed(frames.RESULT, b"[1]")
    for chunks in ([stream], [stream[index : index + 1] for index in range(len(stream))]):
        answers = heard(*chunks)
        assert (answers.began, answers.progress, answers.final) == (True, [{"bars": 1}], (frames.RESULT, b"[1]"))


def test_it_takes_the_first_result_and_nothing_after_it() -> None:
    answers = heard(BEGIN, frames.packed(frames.RESULT, b"[1]") + frames.packed(frames.RESULT, b"[2]"), b"noise")
    assert (answers.final, answers.broken) == ((frames.RESULT, b"[1]"), "")


def test_it_hears_a_refusal_only_before_foreign_code_runs() -> None:
    assert heard(frames.packed(frames.REFUSED, b"no landlock")).refused == "no landlock"
    answers = heard(BEGIN, frames.packed(frames.REFUSED, b"pretended"))
    assert (answers.refused, answers.broken != "") == ("", True)


@pytest.mark.parametrize("kind", [frames.BEGIN, frames.REFUSED, b"Q", b"\x00"])
def test_it_breaks_off_at_a_frame_that_may_not_come(kind: bytes) -> None:
    assert "channel" in heard(BEGIN, frames.packed(kind)).broken


@pytest.mark.parametrize("kind", [frames.RESULT, frames.PROGRESS, frames.ERROR])
def test_it_breaks_off_when_foreign_code_speaks_too_early(kind: bytes) -> None:
    assert heard(frames.packed(kind, b"[]")).broken


@pytest.mark.parametrize(
    ("kind", "length"),
    [(frames.RESULT, LARGEST + 1), (frames.PROGRESS, frames.LARGEST_MESSAGE + 1), (frames.ERROR, 0xFFFFFFFF)],
)
def test_it_refuses_by_the_header_what_is_too_large(kind: bytes, length: int) -> None:
    answers = heard(BEGIN, frames.HEADER.pack(kind, length))
    assert (answers.too_large, answers.final) == (True, None)


def test_it_bounds_the_number_of_messages() -> None:
    message = frames.packed(frames.PROGRESS, b"1")
    assert not heard(BEGIN, message * frames.MOST_MESSAGES).broken
    assert heard(BEGIN, message * (frames.MOST_MESSAGES + 1)).too_large


def test_it_breaks_off_at_a_message_that_is_no_json() -> None:
    assert "JSON" in heard(BEGIN, frames.packed(frames.PROGRESS, b"{")).broken
