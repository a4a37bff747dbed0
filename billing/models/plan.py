"""A plan is a row that staff edit. Every save is audited and told to all processes."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Q

from accounts.models import User
from billing import changes
from billing.terms import FEATURES, FORMATS, FREE, PLAN_NAMES, Terms

# The least and the most that a number of a plan may be, for forms, seeds and the database alike.
BOUNDS: dict[str, tuple[int, int]] = {
    "requests_per_minute": (1, 1_000_000),
    "alerts": (0, 100_000),
    "alert_poll_seconds": (5, 86_400),
    "backtest_runs_per_day": (0, 100_000),
    "concurrent_runs": (1, 1_000),
    "workspaces": (1, 10_000),
    "seats": (1, 100_000),
    "history_days": (1, 36_500),
    "machines_per_agent": (1, 100_000),
    "run_retention_days": (1, 36_500),
    "price_month_cents": (0, 100_000_000),
    "price_year_cents": (0, 1_000_000_000),
    "trial_days": (0, 730),
}


def _count(name: str, text: str, **options: Any) -> models.PositiveIntegerField[Any, Any]:
    least, most = BOUNDS[name]
    bounded = [MinValueValidator(least), MaxValueValidator(most)]
    return models.PositiveIntegerField(validators=bounded, help_text=f"{text}. From {least:,} to {most:,}.", **options)


def _days(name: str, text: str) -> models.PositiveIntegerField[Any, Any]:
    return _count(name, text, null=True, blank=True)


def _words(choices: tuple[str, ...], text: str, **options: Any) -> ArrayField[Any, Any]:
    return ArrayField(
        models.CharField(max_length=10, choices=[(word, word) for word in choices]), help_text=text, **options
    )


def _bounds() -> list[models.CheckConstraint]:
    return [
        models.CheckConstraint(
            condition=Q(**{f"{name}__gte": least, f"{name}__lte": most}), name=f"plan_{name}_within_bounds"
        )
        for name, (least, most) in BOUNDS.items()
    ]


def _price_id(interval: str) -> models.UniqueConstraint:
    field = f"price_id_{interval}"
    return models.UniqueConstraint(
        fields=[field],
        condition=~Q(**{field: ""}),
        name=f"one_plan_per_{interval}ly_price",
        violation_error_message="Another plan has this Stripe price.",
    )


def _rank_of_name() -> Q:
    ranks = Q()
    for rank, name in enumerate(PLAN_NAMES):
        ranks |= Q(name=name, rank=rank)
    return ranks


class PlanQuerySet(models.QuerySet["Plan"]):
    """Plans. An update of many rows at once is a change like any other: audited and told."""

    def update(self, **values: Any) -> int:
        with transaction.atomic():
            before = {plan.pk: plan.numbers() for plan in self.order_by().select_for_update()}
            count = super().update(**values)
            for plan in Plan.objects.filter(pk__in=before):
                changes.record(plan, before=before[plan.pk], actor=None)
        return count


class Plan(models.Model):
    """One plan. Staff edit the numbers; every process holds the new ones within a second."""

    name = models.CharField(
        primary_key=True,
        max_length=20,
        choices=[(name, name) for name in PLAN_NAMES],
        help_text="The plan's name in the API, in Stripe and in the licence check. Never changes.",
    )
    rank = models.PositiveSmallIntegerField(
        unique=True, editable=False, help_text="Of two grants the one of the higher rank counts."
    )
    title = models.CharField(max_length=40, help_text="The name that customers read.")
    description = models.CharField(max_length=200, blank=True, help_text="One line for the price list.")
    requests_per_minute = _count("requests_per_minute", "Requests a minute, shared by all keys of a workspace")
    alerts = _count("alerts", "Alerts that a workspace may own; lowering it deletes none")
    alert_poll_seconds = _count("alert_poll_seconds", "Seconds between two evaluations of an alert")
    backtest_runs_per_day = _count("backtest_runs_per_day", "Backtest runs started a day (UTC)")
    concurrent_runs = _count("concurrent_runs", "Backtest runs at the same time")
    workspaces = _count("workspaces", "Workspaces that one person may own; the best of their plans counts")
    seats = _count("seats", "Members of a workspace, the owner included; lowering it removes nobody")
    history_days = _days("history_days", "Days of market data, back from a feed's newest row. Empty: all of it")
    formats = _words(FORMATS, "Formats in which files are served. csv is what /files answers by default.")
    features = _words(FEATURES, "Licensed agents that the plan unlocks.", blank=True, default=list)
    machines_per_agent = _count("machines_per_agent", "Machines on which one agent may run at a time")
    run_retention_days = _days("run_retention_days", "Days for which backtest runs are kept. Empty: for ever")
    price_month_cents = _count("price_month_cents", "In US cents: 4900 is $49", verbose_name="price a month")
    price_year_cents = _count("price_year_cents", "In US cents", verbose_name="price a year")
    price_id_month = models.CharField(
        "Stripe price, monthly",
        max_length=100,
        blank=True,
        help_text="Its id in Stripe, as price_1Abc. Empty: not sold.",
    )
    price_id_year = models.CharField(
        "Stripe price, yearly", max_length=100, blank=True, help_text="Its id in Stripe. Empty: not sold by the year."
    )
    trial_days = _count("trial_days", "Days of trial before the first payment; 0: none", default=0)

    objects = PlanQuerySet.as_manager()

    class Meta:
        ordering = ["rank"]
        constraints = [
            *_bounds(),
            models.CheckConstraint(condition=_rank_of_name(), name="a_plan_has_its_names_rank"),
            models.CheckConstraint(
                condition=Q(formats__contained_by=list(FORMATS), formats__contains=["csv"]),
                name="plan_formats_are_known",
                violation_error_message="csv cannot be left out: it is what /files answers by default.",
            ),
            models.CheckConstraint(condition=Q(features__contained_by=list(FEATURES)), name="plan_features_are_known"),
            _price_id("month"),
            _price_id("year"),
            models.CheckConstraint(
                condition=Q(price_id_month="") | ~Q(price_id_month=models.F("price_id_year")),
                name="a_price_is_monthly_or_yearly",
                violation_error_message="The monthly and the yearly price cannot be the same Stripe price.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, actor: User | None = None, **kwargs: Any) -> None:
        """Store the row, audit each changed field (`actor` None: the system) and tell every process on commit."""
        with transaction.atomic():
            stored = Plan.objects.select_for_update().filter(pk=self.pk).first()
            before = stored.numbers() if stored else None
            super().save(*args, **kwargs)
            changes.record(Plan.objects.get(pk=self.pk), before=before, actor=actor)

    def delete(self, *args: Any, actor: User | None = None, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Remove a plan that nothing refers to, and tell every process. Free is never removed."""
        if self.name == FREE:
            raise models.ProtectedError("Every workspace without a grant is on free.", {self})
        with transaction.atomic():
            changes.record_removal(self, actor=actor)
            return super().delete(*args, **kwargs)

    def clean(self) -> None:
        """The rank is the name's; a form never asks for it."""
        if self.name not in PLAN_NAMES:
            raise ValidationError({"name": f"A plan's name is one of {', '.join(PLAN_NAMES)}."})
        self.rank = PLAN_NAMES.index(self.name)

    def sold_as(self, interval: str) -> str:
        """Its price in Stripe by the "month" or the "year"; empty where it is not sold so, as for nothing."""
        by_year = interval == "year"
        cents = self.price_year_cents if by_year else self.price_month_cents
        return (self.price_id_year if by_year else self.price_id_month) if cents else ""

    def numbers(self) -> dict[str, Any]:
        """Every field by name, as the audit log stores it."""
        return {field.attname: getattr(self, field.attname) for field in self._meta.concrete_fields}

    def terms(self) -> Terms:
        """The numbers, frozen, as every other app reads them."""
        return Terms(
            plan=self.name,
            rank=self.rank,
            requests_per_minute=self.requests_per_minute,
            alerts=self.alerts,
            alert_poll_seconds=self.alert_poll_seconds,
            backtest_runs_per_day=self.backtest_runs_per_day,
            concurrent_runs=self.concurrent_runs,
            workspaces=self.workspaces,
            seats=self.seats,
            history_days=self.history_days,
            formats=tuple(self.formats),
            features=tuple(self.features),
            machines_per_agent=self.machines_per_agent,
            run_retention_days=self.run_retention_days,
        )
