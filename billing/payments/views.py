"""Where Stripe tells us what happened."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from billing.payments import intake
from moondev.lib import errors

TOO_LARGE = f"The body is larger than {intake.LARGEST_BODY // 1024} KB."
# More digits than any body has bytes are no length either.
LENGTH = re.compile(r"[0-9]{1,18}")


@method_decorator(csrf_exempt, name="dispatch")
class Webhook(View):
    """POST /billing/webhook. Its signature is its key, and a burst of Stripe's meets no ceiling."""

    public = True
    free = True
    uncounted = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> JsonResponse:
        kind = intake.take_in(_body(request), request.headers.get("Stripe-Signature", ""))
        return JsonResponse({"received": True, "type": kind})


def _body(request: HttpRequest) -> bytes:
    """The body; of one that is too large nothing is kept, whatever its length was said to be."""
    said = request.META.get("CONTENT_LENGTH") or "0"
    if not LENGTH.fullmatch(said):
        raise intake.refused("form", "Content-Length is no number of bytes.")
    if int(said) <= intake.LARGEST_BODY:
        body = request.read(intake.LARGEST_BODY + 1)
        if len(body) <= intake.LARGEST_BODY:
            return body
    raise intake.refused("size", TOO_LARGE, kind=errors.TooLarge)
