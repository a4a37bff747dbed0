"""A caller on each plan, and a request of theirs straight to the view, as the gate would let it in."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.http import HttpResponseBase
from django.test import RequestFactory

from billing.models import Plan
from billing.principal import DEFAULT_SCOPES, Principal
from gateway.data.cache import bodies
from gateway.data.views import CopybotView, FileView
from marketdata import state

Ask = Callable[..., HttpResponseBase]


@pytest.fixture(autouse=True)
def _no_memory() -> Iterator[None]:
    state.forget()
    bodies.clear()
    yield
    state.forget()
    bodies.clear()


@pytest.fixture
def ask(db: None) -> Ask:
    """`ask("liq_data.csv?limit=5", plan="pro", HTTP_RANGE="bytes=0-9")`: the answer to a caller on a plan."""

    def get(address: str, *, plan: str = "enterprise", method: str = "GET", **headers: str) -> HttpResponseBase:
        view = CopybotView if address.split("?")[0] in CopybotView.catalogue else FileView
        request = RequestFactory().generic(method, f"/files/{address}", **headers)
        terms = Plan.objects.get(name=plan).terms()
        request.auth = Principal(1, "olivia-co", terms, frozenset(DEFAULT_SCOPES), terms.requests_per_minute)
        return view.as_view()(request, name=address.split("?")[0])

    return get


def content(response: HttpResponseBase) -> bytes:
    """The whole body of an answer, streamed or not."""
    return b"".join(response) if response.streaming else response.content
