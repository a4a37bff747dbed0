"""The same views without the gate: everybody is one caller who may everything. For the benchmark only."""

from __future__ import annotations

import os
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from billing.limits import plan_named
from billing.principal import SCOPES, Principal


class NoGate:
    """Stands where the gate stands and asks nobody."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        terms = plan_named("enterprise").terms()
        self.caller = Principal(
            workspace_id=int(os.environ["BENCH_WORKSPACE_ID"]),
            workspace_slug="bench-0",
            terms=terms,
            scopes=frozenset(SCOPES),
            limit_per_minute=terms.requests_per_minute,
            key_id=0,
            key_alias="0" * 16,
        )

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.auth = self.caller  # type: ignore[attr-defined]
        return self.get_response(request)
