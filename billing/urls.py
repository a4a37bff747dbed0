"""The addresses of billing."""

from django.urls import path

from billing.api.views import CheckoutView, PortalView
from billing.payments.views import Webhook
from billing.views import PlansView

urlpatterns = [
    path("plans", PlansView.as_view(), name="plans"),
    path("billing/create-checkout-session", CheckoutView.as_view(), name="billing-checkout"),
    path("billing/create-portal-session", PortalView.as_view(), name="billing-portal"),
    path("billing/webhook", Webhook.as_view(), name="billing-webhook"),
]
