"""The addresses of the sandbox: the API under /v1/, levers under /sandbox/, and pages."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern, path

from billing.sandbox import control, http, keeper, pages, resources


def alive(request: HttpRequest) -> JsonResponse:
    """For whoever waits for the start; there is nothing behind this process that could be away."""
    return JsonResponse({"status": "ok", "ready": True, "service": "sandbox"})


resources.load()
urlpatterns: list[URLPattern] = [
    path("health", alive),
    path("ready", alive),
    *(path(route, http.answer, {"path": route}) for route in http.routes()),
    path("v1/<path:unknown>", http.unknown),
    *(path(f"sandbox/{route}", control.pull, {"path": route}) for route in control.paths()),
    *(path(route, pages.show, {"path": route}) for route in pages.paths()),
]
keeper.start()
