"""The shapes of the calls with which programs buy, for validation and for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from billing.models import Subscription
from billing.payments.for_sale import FOR_SALE, MOST
from billing.payments.returns import LONGEST


@extend_schema_field(OpenApiTypes.URI)
class PageField(serializers.CharField):
    """The URL of a page; null and "" mean our own. Which hosts are allowed is checked where it is used."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, allow_null=True, allow_blank=True, max_length=LONGEST, **options)


class CheckoutSerializer(serializers.Serializer[Any]):
    plan = serializers.ChoiceField(choices=FOR_SALE, help_text="The plan to buy")
    interval = serializers.ChoiceField(
        choices=Subscription.Interval.values, default="month", help_text="Paid by the month or by the year"
    )
    quantity = serializers.IntegerField(
        default=1, min_value=1, max_value=MOST, help_text="How many; the plan's seats are multiplied by it"
    )
    success_url = PageField(
        help_text="Where a buyer goes after paying; `{CHECKOUT_SESSION_ID}` becomes the session's id"
    )
    cancel_url = PageField(help_text="Where a buyer goes who changes their mind")
    customer_email = serializers.EmailField(
        required=False, allow_null=True, allow_blank=True, max_length=254,
        help_text="Filled in on the page; it selects no account, no workspace and no customer",
    )  # fmt: skip


class CheckoutAnswerSerializer(serializers.Serializer[Any]):
    url = serializers.URLField(help_text="The page on which to pay")
    session_id = serializers.CharField(help_text="Stripe's id of the page, cs_…")


class PortalSerializer(serializers.Serializer[Any]):
    return_url = PageField(help_text="Where the page's way back leads")


class PortalAnswerSerializer(serializers.Serializer[Any]):
    url = serializers.URLField(help_text="The page; it opens for a short time only")
