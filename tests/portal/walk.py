"""Every address of the portal, read from the site itself: a page that is added tomorrow is tested tomorrow."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.urls import reverse

from accounts.portal.pages import Page
from moondev.portal import portal_site

PARAMETER = re.compile(r"<\w+:(\w+)>")
PAGES: tuple[Page, ...] = tuple(portal_site.pages())
NAMES = [page.name for page in PAGES]


def parameters(page: Page) -> list[str]:
    return PARAMETER.findall(page.route)


def address(page: Page, ids: Mapping[str, int | str]) -> str:
    """The page's URL with these ids; an id that the caller did not foresee is a KeyError."""
    return reverse(f"portal:{page.name}", kwargs={name: ids[name] for name in parameters(page)})
