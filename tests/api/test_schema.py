"""The OpenAPI document: served in both forms, valid and complete. That it is true, test_promises.py shows."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.views import APIView

from moondev import schema

pytestmark = pytest.mark.django_db


def views(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every path of the URLconf with its view's class."""
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from views(pattern.url_patterns, path)
        else:
            yield path, getattr(pattern.callback, "cls", None)


def test_it_is_served_as_json_and_as_yaml(client: Client) -> None:
    answer = client.get("/schema")
    assert answer["Content-Type"].startswith("application/json")
    document = json.loads(answer.content)
    assert document["openapi"] == "3.1.0"
    for asked in (client.get("/schema?format=yaml"), client.get("/schema", headers={"accept": "application/yaml"})):
        assert "yaml" in asked["Content-Type"] or "openapi" in asked["Content-Type"]
        assert yaml.safe_load(asked.content) == document


def test_it_is_a_valid_document_made_without_a_guess(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", os.devnull)
    assert capsys.readouterr().err == ""


def test_it_holds_every_call_of_the_api() -> None:
    calls = [path for path, view in views(get_resolver().url_patterns) if view and issubclass(view, APIView)]
    assert len(calls) - 1 == len(schema.document()["paths"]), calls


def test_it_says_of_every_call_what_it_needs() -> None:
    for path, operations in schema.document()["paths"].items():
        for operation in operations.values():
            assert operation.get("summary"), path
            assert operation.get("tags"), path
            assert operation["responses"]["default"] == {"$ref": "#/components/responses/Problem"}


def test_it_says_that_deleting_is_answered_with_what_was_deleted() -> None:
    answers = schema.document()["paths"]["/alerts/{id}"]["delete"]["responses"]
    assert set(answers) == {"200", "default"}


@pytest.mark.parametrize("path", ["/docs", "/docs/errors"])
def test_its_pages_load_nothing_from_elsewhere_and_nothing_inline(client: Client, path: str) -> None:
    answer = client.get(path)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert "<script>" not in page
    assert " onload=" not in page
    assert 'src="http' not in page
    assert 'rel="stylesheet" href="http' not in page


def test_its_page_of_errors_has_every_code(client: Client) -> None:
    page = client.get("/docs/errors").content.decode()
    for code in ("not-authenticated", "plan-too-low", "not-found", "invalid", "internal"):
        assert f'id="{code}"' in page
