"""How django-allauth does its work here: whose address counts, how letters look, how second factors are kept."""

from __future__ import annotations

from typing import Any

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as current
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.mail import EmailMessage
from django.http import HttpRequest

from accounts.arrivals import has_proven
from accounts.mail import letter, text_of
from accounts.throttle import address_of, may_write
from moondev.lib import seal

# A peer without an address is a process of this machine, on a unix socket.
THIS_MACHINE = "127.0.0.1"
# Letters that somebody who is not signed in can have sent to any address.
FOR_THE_ASKING = frozenset(
    f"account/email/{name}"
    for name in (
        "account_already_exists",
        "email_confirmation",
        "email_confirmation_signup",
        "password_reset_key",
        "unknown_account",
    )
)
log = structlog.get_logger("accounts.letters")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Letters in the product's look, and client addresses through trusted proxies only."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a letter, unless its mailbox has had enough of a kind that anybody can ask for."""
        request = current.request
        if template_prefix in FOR_THE_ASKING and request and not may_write(request, template_prefix, email):
            log.info("letter held back", kind=template_prefix)
            return
        super().send_mail(template_prefix, email, context)

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMessage:
        """The letter `template_prefix`: its text template gives the HTML as well."""
        subject, body = text_of(template_prefix, context)
        return letter(subject, body, to=[email] if isinstance(email, str) else email, headers=headers)

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that the session list and the letters show."""
        return address_of(request) or THIS_MACHINE

    def is_email_verified(self, request: HttpRequest, email: str) -> bool:
        """Whoever holds the link of a letter has read it, so the address needs no second one."""
        return has_proven(request, email)

    def clean_email(self, email: str) -> str:
        """Addresses are compared and stored in lower case."""
        address: str = super().clean_email(email)
        return address.lower()


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Seals the secrets of second factors at rest."""

    def encrypt(self, text: str) -> str:
        return seal.seal(text, settings.SEAL_KEYS)

    def decrypt(self, encrypted_text: str) -> str:
        return seal.unseal(encrypted_text, settings.SEAL_KEYS)
