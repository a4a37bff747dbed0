"""What each price of Stripe's sells: a plan or an add-on, by our rows, else by the mark that we left on the price."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from billing.models import AddOn, Plan
from billing.payments.marks import ADD_ON, PLAN

Price = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PriceList:
    """Plans and add-ons by the ids of their prices; `ranks` of every plan, the higher the stronger."""

    plans: Mapping[str, str]
    add_ons: Mapping[str, str]
    ranks: Mapping[str, int]
    packs: frozenset[str]

    @classmethod
    def read(cls) -> PriceList:
        """The list as the rows have it now."""
        plans = list(Plan.objects.all())
        add_ons = list(AddOn.objects.all())
        return cls(
            plans={price: plan.name for plan in plans for price in (plan.price_id_month, plan.price_id_year) if price},
            add_ons={price: row.name for row in add_ons for price in (row.price_id, row.price_id_year) if price},
            ranks={plan.name: plan.rank for plan in plans},
            packs=frozenset(row.name for row in add_ons),
        )

    def plan_of(self, price: Price) -> str | None:
        """The plan that a price sells. A price that a row has dropped meanwhile still sells what its mark says."""
        if price["id"] in self.plans or price["id"] in self.add_ons:
            return self.plans.get(price["id"])
        marked = _marks(price).get(PLAN)
        return marked if marked in self.ranks else None

    def add_on_of(self, price: Price) -> str | None:
        """The add-on that a price sells."""
        if price["id"] in self.plans or price["id"] in self.add_ons:
            return self.add_ons.get(price["id"])
        marked = _marks(price).get(ADD_ON)
        return marked if marked in self.packs else None


def _marks(price: Price) -> Mapping[str, str]:
    return price.get("metadata") or {}
