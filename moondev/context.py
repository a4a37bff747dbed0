"""What every template may name."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def product(request: HttpRequest) -> dict[str, str]:
    """The addresses that pages link to."""
    return {
        "SOURCE_URL": settings.SOURCE_URL,
        "GATEWAY_PUBLIC_URL": settings.GATEWAY_PUBLIC_URL,
        "PUBLIC_URL": settings.PUBLIC_URL,
    }
