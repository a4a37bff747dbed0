"""The addresses of the calls on alerts."""

from __future__ import annotations

from django.urls import path

from alerts.api import views

urlpatterns = [
    path("alerts", views.AlertsView.as_view(), name="alerts"),
    path("alerts/preview", views.PreviewView.as_view(), name="alert-preview"),
    path("alerts/destinations", views.DestinationsView.as_view(), name="alert-destinations"),
    path("alerts/<str:id>", views.AlertView.as_view(), name="alert"),
    path("alerts/<str:id>/test", views.TrialView.as_view(), name="alert-test"),
    path("alerts/<str:id>/history", views.HistoryView.as_view(), name="alert-history"),
]
