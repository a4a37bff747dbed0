"""What the tests of the staff site share: people at its door, and one row of everything it shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.utils import quote
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import audit
from accounts.models import AuditEntry, Invitation, User, Workspace
from alerts.models import Delivery, Destination
from backtests.models import Run, Spend, Status
from billing import services
from billing.cases import open_case
from billing.models import AddOn, Case, Customer, Entitlement, Plan, StripeEvent, Subscription
from gateway.models import ApiKey, KeySecret, Usage
from moondev.lib.queue import State
from tests.backtests.making import idea_row, run_row, stage_row
from tests.billing.payments.conftest import seller
from tests.cast import give_second_factor, signed_in
from tests.portal.alerts.rows import alert_row, fire, give_up, place_row

__all__ = ["seller"]

Login = Callable[[User], Client]


@pytest.fixture
def login() -> Login:
    """A browser in which somebody has signed in."""
    return signed_in


@pytest.fixture
def desk(rita: User, login: Login) -> Client:
    """Rita, superuser with a second factor, at her desk."""
    give_second_factor(rita)
    return login(rita)


@pytest.fixture
def clerk(login: Login) -> Callable[..., Client]:
    """A member of staff who is no superuser, with the named permissions, as "billing.view_plan"."""

    def hire(*permissions: str) -> Client:
        person = User.objects.create_user("carl@example.com", "correct horse battery", name="Carl", is_staff=True)
        for permission in permissions:
            app, codename = permission.split(".")
            person.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
        give_second_factor(person)
        return login(person)

    return hire


@pytest.fixture
def key(workspace: Workspace, olivia: User) -> ApiKey:
    return notebook(workspace, olivia)


def notebook(workspace: Workspace, olivia: User) -> ApiKey:
    """A key of Olivia's."""
    row: ApiKey = ApiKey.objects.create(workspace=workspace, created_by=olivia, name="Notebook", scopes=["data"])
    KeySecret.objects.create(key=row, digest="d" * 64, pepper_version=1, prefix="md_live_Ab12", last_four="x9Yz")
    return row


@pytest.fixture
def rows(workspace: Workspace, olivia: User, rita: User, key: ApiKey) -> dict[type[Model], Any]:
    return one_of_everything(workspace, olivia, rita, key)


def one_of_everything(workspace: Workspace, olivia: User, rita: User, key: ApiKey) -> dict[type[Model], Any]:
    """A row of every model on the site."""
    place = place_row(workspace, olivia)
    return {
        Workspace: workspace,
        User: olivia,
        Group: Group.objects.create(name="Support"),
        Invitation: Invitation.objects.create(
            workspace=workspace, email="guest@example.com", token_digest="t" * 64, expires_at=in_days(7)
        ),
        AuditEntry: audit.record(action="key.revoked", workspace=workspace, actor=rita, target="Notebook"),
        Plan: Plan.objects.get(name="pro"),
        Entitlement: services.grant(workspace=workspace, plan="team", reason="pilot", ends_at=in_days(30), actor=rita),
        ApiKey: key,
        Usage: use(workspace, key, 7),
        AddOn: AddOn.objects.get(name="seat"),
        Subscription: subscribe(workspace, "sub_olivia"),
        Case: open_case(kind=Case.Kind.DISPUTE, reference="dp_1", detail="Unrecognized", workspace=workspace),
        Destination: place,
        Run: waiting_run(workspace, olivia),
        Delivery: give_up(fire(alert_row(workspace, olivia)), place),
        StripeEvent: tell("evt_1", "customer.subscription.created", "sub_olivia", f"cus_{workspace.slug}"),
    }


def waiting_run(workspace: Workspace, by: User) -> Run:
    """A run in the queue, with an idea, a step and a call of a model."""
    run = run_row(workspace, by, name="Night run", status=Status.QUEUED, state=State.WAITING, finished_at=None)
    idea = idea_row(run)
    stage_row(idea, "draft", state="failed", error_text="Not understood.")
    Spend.objects.create(workspace=workspace, run=run, stage="draft", model="m", tokens_in=9, tokens_out=3, micro_usd=5)
    return run


def subscribe(workspace: Workspace | None, pk: str, **values: Any) -> Subscription:
    """A workspace's subscription to Pro by the month, ten days old."""
    customer = f"cus_{workspace.slug}" if workspace else "cus_nobody"
    if workspace:
        Customer.objects.get_or_create(workspace=workspace, defaults={"id": customer})
    row = {"status": "active", "plan_id": "pro", "interval": "month", "monthly_cents": 4900}
    times = {"started_at": in_days(-10), "current_period_end": in_days(20)}
    made: Subscription = Subscription.objects.create(
        id=pk, workspace=workspace, customer_id=customer, **(row | times | values)
    )
    return made


def tell(pk: str, kind: str, about: str, customer: str, **values: Any) -> StripeEvent:
    """An event of Stripe's, an hour old and done with."""
    row = {"state": "done", "created_at": in_days(-1 / 24), "livemode": False, "payload": {"id": pk, "type": kind}}
    made: StripeEvent = StripeEvent.objects.create(
        id=pk, type=kind, object_id=about, customer_id=customer, **(row | values)
    )
    return made


def use(workspace: Workspace, key: ApiKey | None, requests: int, *, status_class: int = 2, hours: int = 1) -> Usage:
    """Requests of a workspace in a past hour."""
    hour = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours)
    row: Usage = Usage.objects.create(
        hour=hour,
        workspace_id=workspace.pk,
        key_id=key.pk if key else 0,
        endpoint="/files/{name}",
        status_class=status_class,
        requests=requests,
    )
    return row


def in_days(days: float) -> Any:
    return timezone.now() + timedelta(days=days)


def page(model: type[Model], name: str, *args: Any) -> str:
    """The address of a model's page, as page(Plan, "change", "pro"); ids as the site's links have them."""
    ids = [quote(one) for one in args]
    return reverse(f"staff:{model._meta.app_label}_{model._meta.model_name}_{name}", args=ids)


def addresses(rows: dict[type[Model], Any]) -> list[str]:
    """Every address of the site, filled in with the rows."""
    from moondev.staff import staff_site

    found = [reverse(f"staff:{name}") for name in SITE] + [reverse("staff:app_list", args=["billing"])]
    plan = rows[Plan]
    found.append(reverse("staff:view_on_site", args=[ContentType.objects.get_for_model(plan).pk, plan.pk]))
    for model, admin in staff_site._registry.items():
        for pattern in admin.get_urls():
            if pattern.name:
                args = [rows[model].pk] if "object_id" in pattern.pattern.converters else []
                found.append(reverse(f"staff:{pattern.name}", args=args))
    return found


SITE = ("index", "login", "password_change", "password_change_done", "autocomplete", "jsi18n", "search")
