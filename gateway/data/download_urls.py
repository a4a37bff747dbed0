"""The files that the dashboard offers for download."""

from __future__ import annotations

from django.urls import path

from gateway.data.views import DownloadView

urlpatterns = [path("download/<str:name>", DownloadView.as_view(), name="download")]
