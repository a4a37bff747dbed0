"""The addresses of the data API."""

from __future__ import annotations

from django.urls import path

from gateway.data.views import CopybotView, FileView

urlpatterns = [
    path("files/<str:name>", FileView.as_view(), name="file"),
    path("copybot/data/<str:name>", CopybotView.as_view(), name="copybot"),
]
