"""The addresses of billing."""

from django.urls import path

from billing.views import PlansView

urlpatterns = [path("plans", PlansView.as_view(), name="plans")]
