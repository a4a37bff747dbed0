"""Subscription schedules by the API."""

from __future__ import annotations

from billing.sandbox.calls import terms
from billing.sandbox.engine import changes, discounts, schedules, subscriptions
from billing.sandbox.engine.news import telling
from billing.sandbox.engine.periods import period_end
from billing.sandbox.errors import Refused
from billing.sandbox.forms import Params
from billing.sandbox.http import needed, resource
from billing.sandbox.paging import created_in
from billing.sandbox.shapes import schedule as shapes
from billing.sandbox.store import Object, store

KIND = "subscription_schedule"
RUNNING = ("not_started", "active")


@resource("POST", f"v1/{KIND}s", takes="end_behavior from_subscription metadata")
def create(params: Params) -> Object:
    """Only from a subscription that runs: the first phase is its present period."""
    subscription = needed("subscription", params, "from_subscription")
    if subscription["schedule"]:
        raise Refused("You cannot migrate a subscription that is already attached to a schedule.")
    if subscription["status"] not in subscriptions.LIVE:
        raise Refused(f"You cannot migrate a subscription that is in the `{subscription['status']}` status.")
    return schedules.attach(
        subscription,
        end_behavior=params.choice("end_behavior", ("release", "cancel"), "release"),
        metadata=params.metadata(),
    )


@resource("GET", f"v1/{KIND}s", takes="canceled_at completed_at created customer released_at scheduled")
def list_schedules(params: Params) -> list[Object]:
    return created_in(store().rows(KIND, customer=params.text("customer")), params)


@resource("GET", f"v1/{KIND}s/<id>", takes="")
def retrieve(params: Params, id: str) -> Object:
    return store().get(KIND, id)


@resource("POST", f"v1/{KIND}s/<id>", takes="default_settings end_behavior metadata phases proration_behavior")
def update(params: Params, id: str) -> Object:
    schedule = _running(id)
    phases = _phases(schedule, params) if "phases" in params else schedule["phases"]
    with telling("subscription_schedule.updated", schedule):
        schedule["phases"] = phases
        schedule["end_behavior"] = params.choice("end_behavior", ("release", "cancel"), schedule["end_behavior"])
        schedule["metadata"] = params.metadata(schedule["metadata"])
        current = _current(phases)
        schedule["current_phase"] = {"start_date": current["start_date"], "end_date": current["end_date"]}
    _apply_now(schedule, current)
    return schedule


def _apply_now(schedule: Object, phase: Object) -> None:
    """A changed present phase holds at once."""
    subscription = store().get("subscription", schedule["subscription"])
    held = {(item["price"]["id"], item["quantity"]) for item in subscriptions.items_of(subscription)}
    is_taxed = subscription["automatic_tax"]["enabled"]
    wanted = {(row["price"], row["quantity"]) for row in phase["items"]}
    if (held, is_taxed) != (wanted, phase["automatic_tax"]["enabled"]):
        schedules.enter(schedule, phase)


def _current(phases: list[Object]) -> Object:
    now = store().now()
    for phase in phases:
        if phase["start_date"] <= now < phase["end_date"]:
            return phase
    raise Refused("You must pass in the current phase to update.", param="phases")


def _phases(schedule: Object, params: Params) -> list[Object]:
    """Phases as a call says them; each begins where the one before ends."""
    start = schedule["phases"][0]["start_date"]
    found: list[Object] = []
    for row in params.rows("phases"):
        given = _moment(row, "start_date")
        if found and given not in (None, found[-1]["end_date"]):
            raise Refused("The start of a phase must be the end of the one before.", param=row.named("start_date"))
        start = found[-1]["end_date"] if found else given or start
        found.append(_phase(row, start))
    return found


def _phase(row: Params, start: int) -> Object:
    wanted = [terms.wanted(item) for item in row.rows("items")]
    changes.check_items(wanted)
    items = [shapes.phase_item(each.price["id"], each.quantity, each.metadata) for each in wanted]
    end = _moment(row, "end_date") or _length(row, start, wanted[0].price["recurring"])
    if end <= start:
        raise Refused("The end of a phase must be after its start.", param=row.named("end_date"))
    return shapes.phase(
        items,
        automatic_tax=terms.automatic_tax(row),
        billing_cycle_anchor=row.choice("billing_cycle_anchor", ("automatic", "phase_start")),
        currency=wanted[0].price["currency"],
        discounts=_discounts(row),
        end_date=end,
        metadata=row.metadata(),
        proration_behavior=row.choice("proration_behavior", changes.BEHAVIORS, "create_prorations"),
        start_date=start,
        trial_end=row.integer("trial_end"),
    )


def _discounts(row: Params) -> list[Object]:
    """A phase has those that it names; what the one before had is not carried on."""
    kept = [
        shapes.phase_discount(discount=each.required("discount"))
        for each in row.rows("discounts")
        if "discount" in each
    ]
    new = [
        shapes.phase_discount(promotion_code=code["id"]) if code else shapes.phase_discount(coupon=coupon["id"])
        for coupon, code in discounts.asked_for(row)
    ]
    return kept + new


def _moment(row: Params, name: str) -> int | None:
    return store().now() if row.text(name) == "now" else row.integer(name)


def _length(row: Params, start: int, recurring: Object) -> int:
    """The end of a phase that is told by its length; without one it is one period."""
    if "iterations" not in row and "duration" in row:
        given = row.mapping("duration")
        recurring = {"interval": given.required("interval"), "interval_count": given.integer("interval_count", 1)}
    end = start
    for _ in range(row.integer("iterations", 1) or 1):
        end = period_end(start, end, recurring)
    return end


@resource("POST", f"v1/{KIND}s/<id>/release", takes="preserve_cancel_date")
def release(params: Params, id: str) -> Object:
    schedule = _running(id)
    schedules.release(schedule, keeps_canceling=params.flag("preserve_cancel_date", True))
    return schedule


@resource("POST", f"v1/{KIND}s/<id>/cancel", takes="invoice_now prorate")
def cancel(params: Params, id: str) -> Object:
    schedule = _running(id)
    schedules.cancel(schedule)
    return schedule


def _running(id: str) -> Object:
    schedule = store().get(KIND, id)
    if schedule["status"] not in RUNNING:
        raise Refused(
            f"You cannot change a subscription schedule that is in the `{schedule['status']}` status. It must be "
            "`not_started` or `active`."
        )
    return schedule
