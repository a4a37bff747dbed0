"""allauth's forms where their words need to be plainer."""

from __future__ import annotations

from typing import Any

from allauth.mfa.webauthn.forms import AddWebAuthnForm


class PasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A new passkey or security key; one that logs in alone unless the person says otherwise."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].help_text = "By which you will know the device."
        alone = self.fields["passwordless"]
        alone.initial = True
        alone.label = "Log in with it alone, without the password"
        alone.help_text = "Leave this off for a security key that has neither a fingerprint reader nor a PIN."
