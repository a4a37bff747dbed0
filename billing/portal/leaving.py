"""Leaving the portal for a page of Stripe's, and coming back when something was refused."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from accounts.portal.pages import View, is_readable, person, workspace_of
from billing.payments import checkout
from moondev.lib.errors import AppError


def check_out(request: HttpRequest, order: checkout.Order, *, what: str) -> HttpResponse:
    """To Stripe's page for an order; `what` is the plan or pack that the return page waits for."""
    words = (nonce_of(request), what, order.interval, str(order.quantity))
    session = checkout.start_checkout(
        order=order,
        workspace=workspace_of(request),
        actor=person(request),
        # The braces are Stripe's: it puts the session's id in their place.
        success_url=absolute("plan-done", f"?{urlencode({'for': what})}&session_id={{CHECKOUT_SESSION_ID}}"),
        cancel_url=absolute("plans", "?cancelled=1"),
        idempotency_key="-".join(words),
    )
    return leave_for(request, session.url)


def leave_for(request: HttpRequest, url: str) -> HttpResponse:
    """Send a browser that posted a form on to a page of Stripe's.

    Not by a redirect: the policy of our pages lets a form end on our own site only, and an operator's Stripe may use a
    domain of its own.
    """
    return TemplateResponse(request, "portal/billing/leaving.html", {"url": url})


def absolute(name: str, query: str = "") -> str:
    """The address under which a browser finds a page of the portal when it comes back."""
    return f"{settings.PUBLIC_URL}{reverse(f'portal:{name}')}{query}"


def new_nonce() -> str:
    """A word of one form: sending that form twice does its deed once."""
    return secrets.token_urlsafe(16)


def nonce_of(request: HttpRequest) -> str:
    """The posted form's word; a form without one is as good as new each time."""
    return request.POST.get("nonce", "")[:64] or new_nonce()


def back_to(name: str) -> Callable[[View], View]:
    """Show what a page could not do as a toast on another page, also when it was only looked at."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
            try:
                return view(request, **kwargs)
            except AppError as error:
                if not is_readable(error):
                    raise
                messages.error(request, error.detail)
                return redirect(f"portal:{name}")

        return guarded

    return decorate
