"""Two at the same moment: one of them gets it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from django.db import connection

from accounts.models import Member, User, Workspace
from billing.models import Claim, Customer, Subscription
from billing.payments.claims import accept_claim
from billing.payments.customers import ensure_customer
from moondev.lib.errors import AppError, Conflict, NotFound
from tests.accounts.conftest import run
from tests.billing.buying.test_claims import subscribed, verify
from tests.billing.buying.test_idempotency import ask
from tests.billing.sandbox.fixture import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)


def together(deeds: list[Callable[[], object]]) -> list[object]:
    """Do all of them at the same moment; what each gave or which of our errors it raised."""
    start, results = Barrier(len(deeds)), []

    def do(deed: Callable[[], object]) -> None:
        start.wait()
        try:
            results.append(deed())
        except AppError as error:
            results.append(error)
        finally:
            connection.close()

    run([Thread(target=do, args=(deed,)) for deed in deeds])
    return results


def test_it_does_a_thing_once_for_requests_with_one_key() -> None:
    done, go_on = [], Event()

    def make(key: str) -> dict[str, Any]:
        done.append(key)
        # Until the others have been answered.
        go_on.wait(2)
        return {}

    results = together([lambda: ask(make, "one") for _ in range(4)])
    assert len(done) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 3


def test_it_brings_a_plan_into_one_of_two_workspaces(sandbox: Sandbox, olivia: User, workspace: Workspace) -> None:
    other = Workspace.objects.create(slug="other", name="Other")
    Member.objects.create(workspace=other, user=verify(olivia), role="admin")
    row, token = subscribed(), Claim.new_token()
    values = {"email": olivia.email, "token_digest": Claim.digest(token), "expires_at": "2100-01-01T00:00Z"}
    Claim.objects.create(subscription=row, **values)
    places = (workspace, other)
    results = together([partial(accept_claim, token=token, user=olivia, workspace=place) for place in places])
    assert sum(isinstance(result, NotFound) for result in results) == 1
    winner = next(result for result in results if isinstance(result, Workspace))
    assert Subscription.objects.get().workspace == winner
    assert Customer.objects.get().workspace == winner


def test_it_puts_one_of_two_plans_into_a_workspace(sandbox: Sandbox, olivia: User, workspace: Workspace) -> None:
    verify(olivia)
    tokens = [Claim.new_token() for _ in range(2)]
    for number, token in enumerate(tokens):
        values = {"email": olivia.email, "token_digest": Claim.digest(token), "expires_at": "2100-01-01T00:00Z"}
        Claim.objects.create(subscription=subscribed(number), **values)
    results = together([partial(accept_claim, token=token, user=olivia, workspace=workspace) for token in tokens])
    assert sum(isinstance(result, Conflict) for result in results) == 1
    assert Subscription.objects.for_workspace(workspace).count() == 1


def test_it_makes_one_customer_of_a_workspace(sandbox: Sandbox, workspace: Workspace) -> None:
    results = together([lambda: ensure_customer(workspace) for _ in range(3)])
    assert len(set(results)) == 1
    assert Customer.objects.get().pk == results[0]
