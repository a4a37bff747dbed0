"""What a workspace holds at a moment: the strongest of its grants, and the packs that raise the plan's numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from billing.models import AddOn, Boost, Entitlement, Plan
from billing.terms import FREE, Terms


@dataclass(frozen=True, slots=True)
class Held:
    """A plan so many times over, and what packs add to it. `history_days` is the longest of them, for they overlap."""

    plan: str
    quantity: int
    alerts: int
    seats: int
    history_days: int

    def terms(self, plan: Plan) -> Terms:
        """The plan's terms, raised. Each of several seats' prices brings the plan's seats once more."""
        own = plan.terms()
        # None is all of it, to which nothing can be added.
        history = None if own.history_days is None else max(own.history_days, self.history_days)
        seats = own.seats * self.quantity + self.seats
        return replace(own, alerts=own.alerts + self.alerts, seats=seats, history_days=history)


class Holdings:
    """The rows of one workspace that hold at a moment or begin to later."""

    def __init__(self, workspace_id: int, moment: datetime) -> None:
        self._moment = moment
        grants = Entitlement.objects.for_workspace(workspace_id).of_this_mode().not_over(moment)
        boosts = Boost.objects.for_workspace(workspace_id).of_this_mode().not_over(moment)
        self._grants = list(grants.select_related("plan"))
        self._boosts = list(boosts.select_related("add_on"))

    def best(self, moment: datetime) -> Entitlement | None:
        """The grant that counts at a moment; the list has the strongest first."""
        return next((grant for grant in self._grants if grant.is_in_force(moment)), None)

    def at(self, moment: datetime) -> Held:
        """What holds at a moment."""
        best = self.best(moment)
        packs = [boost for boost in self._boosts if boost.is_in_force(moment)]
        kinds = AddOn.Raises
        days = [boost.add_on.amount for boost in packs if boost.add_on.raises == kinds.HISTORY]
        return Held(
            plan=best.plan_id if best else FREE,
            quantity=best.quantity if best else 1,
            alerts=_sum(packs, kinds.ALERTS),
            seats=_sum(packs, kinds.SEATS),
            history_days=max(days, default=0),
        )

    def later(self) -> Iterator[tuple[datetime, Held]]:
        """What will hold from each later moment on at which a row begins or ends."""
        rows: list[Entitlement | Boost] = [*self._grants, *self._boosts]
        edges = {edge for row in rows for edge in (row.starts_at, row.ends_at) if edge and edge > self._moment}
        for edge in sorted(edges):
            yield edge, self.at(edge)


def _sum(packs: list[Boost], raises: str) -> int:
    return sum(boost.quantity * boost.add_on.amount for boost in packs if boost.add_on.raises == raises)
