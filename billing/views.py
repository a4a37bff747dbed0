"""What anybody may read of billing: the price list."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from billing.catalogue import Offer, offers
from billing.serializers import PlansSerializer


class PlansView(APIView):
    """GET /plans."""

    public = True

    @extend_schema(
        operation_id="plans",
        summary="The plans, their limits and prices",
        description="Needs no key. Prices are in US cents; `null` in a number of days means all of it or for ever.",
        tags=["plans"],
        auth=[],
        responses=PlansSerializer,
    )
    def get(self, request: Request) -> Response:
        answer = Response({"plans": {offer.terms.plan: _shown(offer) for offer in offers()}})
        # A price list may be half a minute old in a browser or a proxy; limits in force never come from it.
        answer["Cache-Control"] = "public, max-age=30"
        return answer


def _shown(offer: Offer) -> dict[str, Any]:
    prices = {"currency": "usd", "month_cents": offer.price_month_cents, "year_cents": offer.price_year_cents}
    return {
        "name": offer.terms.plan,
        "title": offer.title,
        "description": offer.description,
        **offer.terms.limits(),
        "prices": prices,
    }
