"""Lists stay quick: the same number of queries for one row and for many, and no count without a bound."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import audit
from accounts.models import AuditEntry, Invitation, Member, User, Workspace
from accounts.staff import base
from alerts.models import Delivery, Destination
from backtests.models import Run
from billing import services
from billing.cases import open_case
from billing.models import AddOn, Case, Entitlement, Plan, StripeEvent, Subscription
from gateway.models import ApiKey, KeySecret, Usage
from tests.cast import give_second_factor, person, signed_in, workspace_of
from tests.portal.alerts.rows import alert_row, fire, give_up, place_row
from tests.staff.conftest import (
    in_days,
    notebook,
    one_of_everything,
    page,
    subscribe,
    tell,
    use,
    waiting_run,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow(0.3)]
BILLING = (AddOn, Subscription, Case, StripeEvent)
ALERTS = (Destination, Delivery)
MODELS = (
    Workspace,
    User,
    Group,
    Invitation,
    AuditEntry,
    Plan,
    Entitlement,
    ApiKey,
    Usage,
    *BILLING,
    Destination,
    Delivery,
    Run,
)
OVERVIEWS = (
    "/admin/",
    "/admin/billing/subscription/revenue/",
    "/admin/alerts/delivery/overview/",
    "/admin/backtests/run/overview/",
)
# By address: what it asks for one row of everything, and for a crowd.
Asked = dict[str, tuple[list[str], list[str]]]


def queries(desk: Client, address: str) -> list[str]:
    desk.get(address)
    with CaptureQueriesContext(connection) as seen:
        assert desk.get(address).status_code == 200
    return [query["sql"] for query in seen]


def crowd(rita: User) -> None:
    """Twelve more of everything."""
    for n in range(12):
        maker = User.objects.create_user(f"crowd{n}@example.com", None)
        place = Workspace.objects.create(slug=f"crowd-{n}", name=f"Crowd {n}")
        Member.objects.create(workspace=place, user=maker, role="owner")
        key = ApiKey.objects.create(workspace=place, created_by=maker, name=f"key {n}", scopes=["data"])
        KeySecret.objects.create(key=key, digest=f"{n:064d}", pepper_version=1, prefix="md_live_", last_four="abcd")
        use(place, key, n + 1)
        digest = f"i{n:063d}"
        Invitation.objects.create(
            workspace=place, email=f"g{n}@example.com", token_digest=digest, expires_at=in_days(1), invited_by=maker
        )
        services.grant(workspace=place, plan="pro", reason="crowd", ends_at=in_days(9), actor=rita)
        audit.record(action="crowd.grew", workspace=place, actor=maker, target=place.slug)
        Group.objects.create(name=f"Group {n}")
        subscribe(place, f"sub_{n}")
        tell(f"evt_crowd{n}", "invoice.payment_failed", f"in_{n}", f"cus_{place.slug}")
        open_case(kind=Case.Kind.DRIFT, reference=f"sub_{n}", detail="crowd", workspace=place)
        give_up(fire(alert_row(place, maker)), place_row(place, maker))
        waiting_run(place, maker)


@pytest.fixture(scope="class")
def asked(shared_db: None) -> Asked:
    """What each page asks for one row of everything, and for a crowd."""
    olivia, rita = person("Olivia"), person("Rita", is_staff=True)
    workspace = workspace_of(olivia)
    one_of_everything(workspace, olivia, rita, notebook(workspace, olivia))
    give_second_factor(rita)
    desk = signed_in(rita)
    addresses = [*OVERVIEWS, *(page(model, "changelist") for model in MODELS)]
    few = {address: queries(desk, address) for address in addresses}
    crowd(rita)
    return {address: (few[address], queries(desk, address)) for address in addresses}


class TestCrowd:
    @pytest.mark.parametrize("model", MODELS)
    def test_a_list_asks_no_more_for_many_rows_than_for_one(self, model: type[Model], asked: Asked) -> None:
        few, many = asked[page(model, "changelist")]
        assert len(many) <= len(few), "\n".join(many)
        assert len(many) <= 20

    @pytest.mark.parametrize("address", OVERVIEWS)
    def test_an_overview_asks_no_more_for_many_rows_than_for_one(self, address: str, asked: Asked) -> None:
        few, many = asked[address]
        assert len(many) <= len(few), "\n".join(many)


@pytest.mark.parametrize("name", ["billing", "change"])
def test_a_workspaces_pages_ask_no_more_for_many_rows_than_for_one(name: str, desk: Client, rows: Any) -> None:
    address = page(Workspace, name, rows[Workspace].pk)
    few = queries(desk, address)
    for n in range(9):
        subscribe(rows[Workspace], f"sub_more{n}", status="canceled")
        tell(f"evt_more{n}", "invoice.paid", f"in_{n}", f"cus_{rows[Workspace].slug}")
        open_case(kind=Case.Kind.DRIFT, reference=f"sub_more{n}", detail="more", workspace=rows[Workspace])
    assert len(queries(desk, address)) <= len(few)


@pytest.mark.parametrize("model", [AuditEntry, ApiKey, User, Workspace, StripeEvent])
def test_a_list_counts_to_a_bound_and_no_further(model: type[Model], desk: Client, rows: Any) -> None:
    counts = [sql for sql in queries(desk, page(model, "changelist")) if sql.startswith("SELECT COUNT(*)")]
    assert len(counts) == 1
    assert f"LIMIT {base.MOST_ROWS}" in counts[0]


@pytest.mark.parametrize("model", MODELS)
def test_a_list_is_named_in_english(model: type[Model]) -> None:
    """Django makes a plural by an `s`, which pages, the trail above them and messages show."""
    assert re.search("[^aeiou]ys$", str(model._meta.verbose_name_plural)) is None


@pytest.mark.parametrize(("model", "name"), [(Invitation, "guest@example.com to Olivia"), (Subscription, "sub_olivia")])
def test_a_row_keeps_its_spelling_in_the_trail_above_it(model: type[Model], name: str, desk: Client, rows: Any) -> None:
    shown = desk.get(page(model, "change", rows[model].pk)).content.decode()
    assert f'tracking-tight">{name}' in shown
    assert name[0].upper() + name[1:] not in shown


def test_the_log_tells_moments_as_the_site_does(desk: Client, rows: Any) -> None:
    shown = desk.get(page(AuditEntry, "changelist")).content.decode()
    assert f"ends_at: {rows[Entitlement].ends_at:%Y-%m-%d %H:%M}; " in shown


def test_a_long_list_is_paged(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "MOST_ROWS", 120)
    AuditEntry.objects.bulk_create(AuditEntry(action="row", actor_label="system", target=str(n)) for n in range(300))
    first = desk.get(page(AuditEntry, "changelist")).context["cl"]
    assert (first.result_count, first.paginator.num_pages, len(first.result_list)) == (120, 3, 50)
    assert len(desk.get(page(AuditEntry, "changelist") + "?p=3").context["cl"].result_list) == 20


@pytest.mark.parametrize(
    ("model", "query", "found"),
    [
        (AuditEntry, "?q=Notebook", 1),
        (AuditEntry, "?q=rita@", 2),
        (AuditEntry, "?q=nothing+like+it", 0),
        (ApiKey, "?q=x9Yz", 1),
        (ApiKey, "?q=olivia-co", 1),
        (ApiKey, "?state=revoked", 0),
        (ApiKey, "?state=usable", 1),
        (Entitlement, "?state=in_force", 1),
        (Entitlement, "?state=over", 0),
        (Entitlement, "?q=pilot", 1),
        (Invitation, "?q=guest@", 1),
        (User, "?q=olivia", 1),
        (User, "?is_staff__exact=1", 1),
        (Subscription, "?q=olivia-co", 1),
        (Subscription, "?q=cus_olivia-co", 1),
        (Subscription, "?look=paying", 1),
        (Subscription, "?look=suspended", 0),
        (Subscription, "?look=unclaimed", 0),
        (Subscription, "?status__exact=active", 1),
        (Case, "?state=open", 1),
        (Case, "?state=closed", 0),
        (Case, "?q=dp_1", 1),
        (StripeEvent, "?q=sub_olivia", 1),
        (StripeEvent, "?q=evt_1", 1),
        (StripeEvent, "?state__exact=parked", 0),
        (AddOn, "?q=seat", 1),
        (Run, "?q=Night", 1),
        (Run, "?q=olivia-co", 1),
        (Run, "?look=queued", 1),
        (Run, "?look=error", 0),
    ],
)
def test_rows_are_searched_and_filtered(model: type[Model], query: str, found: int, desk: Client, rows: Any) -> None:
    assert desk.get(page(model, "changelist") + query).context["cl"].result_count == found
