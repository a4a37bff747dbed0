"""A browser without scripts for the sandbox's pages: reads forms, fills them in, follows redirects on the sandbox."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests


@dataclass
class Form:
    """A form of a page: where it posts, its fields with their values, the values of its buttons by their names."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class Page(HTMLParser):
    """A page that was opened. `url` is outside the sandbox once it has sent the visitor away."""

    def __init__(self, url: str, text: str, status: int) -> None:
        super().__init__()
        self.url, self.text, self.status = url, text, status
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(urljoin(self.url, given.get("action", self.url))))
        elif tag == "a":
            self.links.append(urljoin(self.url, given.get("href", "")))
        elif self.forms and given.get("name"):
            self._field(tag, given)

    def _field(self, tag: str, given: dict[str, str]) -> None:
        if tag == "button":
            self.forms[-1].buttons.append((given["name"], given.get("value", "")))
        elif tag == "input" and (given.get("type") not in ("radio", "checkbox") or "checked" in given):
            self.forms[-1].fields[given["name"]] = given.get("value", "")

    def form_with(self, name: str) -> Form:
        """The form that has such a field or button."""
        for form in self.forms:
            if name in form.fields or name in dict(form.buttons):
                return form
        raise AssertionError(f"no form with {name!r} on {self.url}:\n{self.text}")

    def submit(self, form: Form, **fields: str) -> Page:
        """Send a form with these fields changed."""
        return follow(requests.post(form.action, data=form.fields | fields, allow_redirects=False, timeout=60))

    def press(self, name: str, value: str) -> Page:
        """Press the button of this name and value."""
        for form in self.forms:
            if (name, value) in form.buttons:
                return self.submit(form, **{name: value})
        raise AssertionError(f"no button {name}={value} on {self.url}:\n{self.text}")


def visit(url: str) -> Page:
    return follow(requests.get(url, allow_redirects=False, timeout=60))


def follow(answer: requests.Response) -> Page:
    """Follow redirects within the server; one to elsewhere ends there, since nobody listens at a test's return URL."""
    while answer.is_redirect:
        target = urljoin(answer.url, answer.headers["Location"])
        if target.split("/")[:3] != answer.url.split("/")[:3]:
            return Page(target, "", answer.status_code)
        answer = requests.get(target, allow_redirects=False, timeout=60)
    return Page(answer.url, answer.text, answer.status_code)
