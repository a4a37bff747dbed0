"""Forms in the portal's look, and the fields that several pages share."""

from __future__ import annotations

from typing import Any, ClassVar
from zoneinfo import available_timezones

from django import forms

PLAIN = (forms.widgets.Input, forms.Select, forms.Textarea)
CHOSEN = (forms.CheckboxInput, forms.RadioSelect, forms.CheckboxSelectMultiple, forms.HiddenInput)


class PortalForm(forms.Form):
    """A form whose plain widgets carry the portal's class; errors name the field and the remedy."""

    # Names of a service's values where the form's field is called otherwise.
    aliases: ClassVar[dict[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if isinstance(field.widget, PLAIN) and not isinstance(field.widget, CHOSEN):
                field.widget.attrs.setdefault("class", "p-input")
            if "required" in field.error_messages:
                field.error_messages["required"] = f"Fill in “{field.label or name.capitalize()}”."


class TypedConfirmation(PortalForm):
    """Type a given text to go on; the check is the server's, the script only wakes the button."""

    confirmation = forms.CharField(
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}), max_length=254
    )

    def __init__(self, *args: Any, expected: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected = expected
        self.fields["confirmation"].label = f"Type “{expected}” to confirm"
        self.fields["confirmation"].widget.attrs["data-expect"] = expected

    def clean_confirmation(self) -> str:
        text: str = self.cleaned_data["confirmation"].strip()
        if text != self.expected:
            raise forms.ValidationError(f"Type exactly “{self.expected}”.")
        return text


def zone_choices() -> list[tuple[str, str]]:
    """The IANA zones that people choose from, UTC first."""
    regions = (
        "Africa/",
        "America/",
        "Antarctica/",
        "Asia/",
        "Atlantic/",
        "Australia/",
        "Europe/",
        "Indian/",
        "Pacific/",
    )
    names = sorted(name for name in available_timezones() if name.startswith(regions))
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in names)]
