"""The plans: what is seeded, what a row may hold, and what a change of one does."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from pytest_django import Settings

from accounts.models import AuditEntry, User
from billing import services
from billing.models import BOUNDS, Plan
from billing.seeds import seed_plans
from billing.terms import PLAN_NAMES
from moondev.lib.errors import Conflict, Forbidden

pytestmark = pytest.mark.django_db

ALL = ["csv", "json", "ndjson", "parquet"]
YEAR = 365
# The contract's table, typed once: one row a plan, in the order of COLUMNS.
COLUMNS = (
    "requests_per_minute",
    "alerts",
    "alert_poll_seconds",
    "backtest_runs_per_day",
    "concurrent_runs",
    "workspaces",
    "seats",
    "history_days",
    "formats",
    "features",
    "machines_per_agent",
    "run_retention_days",
    "price_month_cents",
    "price_year_cents",
)
CONTRACT: dict[str, tuple[Any, ...]] = {
    "free": (60, 3, 300, 3, 1, 1, 1, 7, ["csv", "json"], {"focus"}, 1, 30, 0, 0),
    "pro": (600, 20, 60, 50, 2, 3, 3, 90, ALL, {"focus", "clips"}, 2, YEAR, 4900, 49_000),
    "team": (
        *(2400, 50, 30, 200, 4, 10, 10, YEAR, ALL, {"focus", "clips", "video", "phone"}),
        *(10, 2 * YEAR, 14_900, 149_000),
    ),
    "enterprise": (
        *(10_000, 200, 15, 2000, 8, 100, 100, None, ALL, {"focus", "clips", "video", "phone"}),
        *(100, None, 29_900, 299_000),
    ),
}


def column(plan: Plan, name: str) -> Any:
    value = getattr(plan, name)
    return set(value) if name == "features" else value


@pytest.mark.parametrize("name", CONTRACT)
def test_it_seeds_the_contracts_row(name: str) -> None:
    plan = Plan.objects.get(name=name)
    assert {field: column(plan, field) for field in COLUMNS} == dict(zip(COLUMNS, CONTRACT[name], strict=True))


def test_it_ranks_free_below_pro_below_team_below_enterprise() -> None:
    assert list(Plan.objects.values_list("name", "rank")) == [("free", 0), ("pro", 1), ("team", 2), ("enterprise", 3)]


def test_it_creates_missing_plans_only_and_keeps_what_staff_edited() -> None:
    Plan.objects.filter(name="pro").update(requests_per_minute=777, price_id_month="price_edited")
    Plan.objects.get(name="team").delete()
    assert seed_plans() == ["team"]
    assert seed_plans() == []
    pro = Plan.objects.get(name="pro")
    assert (pro.requests_per_minute, pro.price_id_month) == (777, "price_edited")


def test_it_reads_seeds_from_the_environment(settings: Settings) -> None:
    settings.PLAN_SEED_NUMBERS = {"RATE_LIMIT_PRO": 900, "ALERTS_MAX_FREE": 5, "ALERTS_POLL_INTERVAL": 45}
    settings.PLAN_SEED_PRICE_IDS = {"PRICE_ID_PRO": "price_month", "PRICE_ID_PRO_YEARLY": "price_year"}
    forget_plans()
    assert seed_plans() == list(PLAN_NAMES)
    pro, free = Plan.objects.get(name="pro"), Plan.objects.get(name="free")
    assert (pro.requests_per_minute, pro.price_id_month, pro.price_id_year) == (900, "price_month", "price_year")
    assert (free.requests_per_minute, free.alerts) == (60, 5)
    assert set(Plan.objects.values_list("alert_poll_seconds", flat=True)) == {45}


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("RATE_LIMIT_PRO", 0),
        ("RATE_LIMIT_ENTERPRISE", 1_000_001),
        ("ALERTS_MAX_TEAM", -1),
        ("ALERTS_POLL_INTERVAL", 4),
    ],
)
def test_it_names_the_variable_of_a_bad_seed(variable: str, value: int, settings: Settings) -> None:
    settings.PLAN_SEED_NUMBERS = {variable: value}
    with pytest.raises(ImproperlyConfigured, match=rf"{variable} is {value}; it must be from"):
        seed_plans()
    with pytest.raises(CommandError, match=variable):
        call_command("seed_plans")


def test_it_refuses_one_stripe_price_for_two_plans(settings: Settings) -> None:
    settings.PLAN_SEED_PRICE_IDS = {"PRICE_ID_PRO": "price_a", "PRICE_ID_TEAM": "price_a"}
    with pytest.raises(ImproperlyConfigured, match="PRICE_ID_TEAM and PRICE_ID_PRO"):
        seed_plans()


def test_the_command_says_what_it_created(capsys: pytest.CaptureFixture[str]) -> None:
    Plan.objects.get(name="enterprise").delete()
    call_command("seed_plans")
    call_command("seed_plans")
    assert capsys.readouterr().out.splitlines() == ["Created enterprise.", "Everything exists; nothing was changed."]


@pytest.mark.parametrize("field", BOUNDS)
@pytest.mark.parametrize("end", ["below", "above"])
def test_the_database_refuses_a_number_out_of_bounds(field: str, end: str) -> None:
    least, most = BOUNDS[field]
    value = least - 1 if end == "below" else most + 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Plan.objects.filter(name="pro").update(**{field: value})
    plan = Plan.objects.get(name="pro")
    setattr(plan, field, value)
    with pytest.raises(ValidationError) as refused:
        plan.full_clean()
    assert list(refused.value.message_dict) == [field]


@pytest.mark.parametrize(
    "values",
    [
        {"rank": 7},
        {"formats": ["csv", "xls"]},
        {"formats": ["json"]},
        {"formats": []},
        {"features": ["focus", "teleport"]},
        {"price_id_month": "price_a", "price_id_year": "price_a"},
    ],
)
def test_the_database_refuses_nonsense(values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Plan.objects.filter(name="pro").update(**values)


def test_the_database_refuses_an_unknown_name() -> None:
    gold = Plan.objects.get(name="pro")
    gold.name, gold.rank = "gold", 9
    with pytest.raises(IntegrityError), transaction.atomic():
        gold.save(force_insert=True)


def test_the_database_refuses_one_price_on_two_plans() -> None:
    Plan.objects.filter(name="pro").update(price_id_month="price_a")
    with pytest.raises(IntegrityError), transaction.atomic():
        Plan.objects.filter(name="team").update(price_id_month="price_a")


def test_a_change_is_audited_field_by_field_and_told_after_commit(
    rita: User, news: list[int | None], django_capture_on_commit_callbacks: Any
) -> None:
    plan = Plan.objects.get(name="pro")
    plan.alerts, plan.seats = 21, 4
    with django_capture_on_commit_callbacks(execute=True):
        services.change_plan(plan=plan, actor=rita)
        assert news == []
    entry = AuditEntry.objects.get(action="plan.changed")
    assert (entry.actor, entry.target) == (rita, "pro")
    assert entry.data == {"changed": {"alerts": [20, 21], "seats": [3, 4]}}
    assert news == [None]


def test_a_save_in_a_shell_is_a_change_like_any_other(
    news: list[int | None], django_capture_on_commit_callbacks: Any
) -> None:
    plan = Plan.objects.get(name="pro")
    plan.alerts = 22
    with django_capture_on_commit_callbacks(execute=True):
        plan.save()
        Plan.objects.filter(name="team").update(alerts=51)
    entries = AuditEntry.objects.filter(action="plan.changed").order_by("id")
    assert [(e.actor_label, e.target, e.data["changed"]) for e in entries] == [
        ("system", "pro", {"alerts": [20, 22]}),
        ("system", "team", {"alerts": [50, 51]}),
    ]
    assert news == [None, None]


def test_saving_without_a_change_is_no_news(news: list[int | None], django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        Plan.objects.get(name="pro").save()
    assert news == []
    assert not AuditEntry.objects.filter(action="plan.changed").exists()


def test_a_listener_that_fails_does_not_fail_the_save(django_capture_on_commit_callbacks: Any) -> None:
    from billing.signals import entitlement_changed

    def broken(**_: object) -> None:
        raise ConnectionError("no news today")

    entitlement_changed.connect(broken)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            Plan.objects.filter(name="pro").update(alerts=23)
    finally:
        entitlement_changed.disconnect(broken)
    assert Plan.objects.get(name="pro").alerts == 23


def test_only_staff_change_plans(olivia: User) -> None:
    with pytest.raises(Forbidden):
        services.change_plan(plan=Plan.objects.get(name="pro"), actor=olivia)


def test_free_and_used_plans_stay(rita: User, grant_row: Any) -> None:
    grant_row("pro")
    for name in ("free", "pro"):
        with pytest.raises(Conflict):
            services.remove_plan(plan=Plan.objects.get(name=name), actor=rita)
    with pytest.raises(ProtectedError):
        Plan.objects.get(name="free").delete()
    with pytest.raises(ProtectedError):
        Plan.objects.get(name="pro").delete()
    services.remove_plan(plan=Plan.objects.get(name="team"), actor=rita)
    assert AuditEntry.objects.get(action="plan.removed").data["was"]["requests_per_minute"] == 2400


def forget_plans() -> None:
    """An empty table, as before the first migration."""
    models_delete = Plan.objects.all()
    models_delete._raw_delete(models_delete.db)
