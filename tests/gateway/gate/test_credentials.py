"""Where a key is read from, and where it is not."""

from __future__ import annotations

import pytest

from gateway.gate.credentials import MAX_LENGTH, presented
from moondev.lib.errors import AppError


@pytest.mark.parametrize(
    ("meta", "secret"),
    [
        ({"HTTP_X_API_KEY": "md_x"}, "md_x"),
        ({"HTTP_X_API_KEY": " md_x "}, "md_x"),
        ({"HTTP_AUTHORIZATION": "Bearer md_x"}, "md_x"),
        ({"HTTP_AUTHORIZATION": "bearer  md_x"}, "md_x"),
        ({"HTTP_AUTHORIZATION": "Bearer md_x", "HTTP_X_API_KEY": "md_x"}, "md_x"),
        ({"HTTP_AUTHORIZATION": "Basic bWQ6eA=="}, None),
        ({"HTTP_AUTHORIZATION": "Bearer "}, None),
        ({"HTTP_X_API_KEY": ""}, None),
        ({"QUERY_STRING": "api_key=md_x&X-API-Key=md_x"}, None),
        ({}, None),
    ],
)
def test_it_reads_the_key_from_two_headers_only(meta: dict[str, str], secret: str | None) -> None:
    assert presented(meta) == secret


def test_it_refuses_two_different_keys() -> None:
    with pytest.raises(AppError) as refused:
        presented({"HTTP_X_API_KEY": "md_x", "HTTP_AUTHORIZATION": "Bearer md_y"})
    assert refused.value.status == 400


def test_it_refuses_what_is_too_long_to_be_a_key() -> None:
    with pytest.raises(AppError) as refused:
        presented({"HTTP_X_API_KEY": "x" * (MAX_LENGTH + 1)})
    assert refused.value.status == 400
