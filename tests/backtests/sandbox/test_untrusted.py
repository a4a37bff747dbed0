"""JSON of a stranger: what is taken and what is not."""

from __future__ import annotations

import json

import pytest

from backtests.sandbox.untrusted import DEEPEST, MOST_CONTAINERS, Unreadable, read_json


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


def test_it_takes_an_ordinary_document() -> None:
    document = {"trades": [[1, 2.5, None, True]], "note": "ä 🚀", "deep": {"er": [{}]}}
    assert read_json(json.dumps(document, ensure_ascii=False).encode()) == document
    assert read_json(json.dumps(document).encode()) == document


@pytest.mark.parametrize("raw", [b"NaN", b"[Infinity]", b"-Infinity", b"1e999", b"[-1e999]", b"9" * 30, b"9" * 10_000])
def test_it_refuses_numbers_that_are_none(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        read_json(raw)


@pytest.mark.parametrize(
    "raw", [b"", b"[", b"{'a': 1}", b"[1] 2", b"\xff\xfe", b'"\xed\xa0\x80"', b'"\x00"', b"\xef\xbb\xbf[]"]
)
def test_it_refuses_what_is_no_json(raw: bytes) -> None:
    with pytest.raises(Unreadable, match="not JSON"):
        read_json(raw)


def test_it_bounds_the_depth() -> None:
    assert read_json(nested(DEEPEST)) is not None
    for depth in (DEEPEST + 1, 500, 5_000, 100_000):
        with pytest.raises(Unreadable):
            read_json(nested(depth))


def test_it_bounds_the_depth_of_what_is_also_wide() -> None:
    wide = b"[" + b"[]," * 1000
    assert read_json(wide + nested(DEEPEST - 1) + b"]") is not None
    with pytest.raises(Unreadable, match="deeply"):
        read_json(wide + nested(DEEPEST) + b"]")


def test_it_bounds_the_parts() -> None:
    assert read_json(b"[" + b"[]," * (MOST_CONTAINERS - 2) + b"[]]")
    with pytest.raises(Unreadable, match="too many parts"):
        read_json(b"[" + b"{}," * MOST_CONTAINERS + b"[]]")


def test_it_replaces_characters_that_no_database_takes() -> None:
    raw = rb'{"\u0000key": ["nul \u0000", "half \ud800", {"whole": "\ud83d\ude80"}]}'
    assert read_json(raw) == {"\ufffdkey": ["nul \ufffd", "half ?", {"whole": "🚀"}]}
