"""Slugs of workspaces: readable, ending at random so that they tell nobody who else is here, and never a taken word."""

from __future__ import annotations

import re
import secrets

from django.utils.text import slugify

from accounts.models import Workspace
from moondev.lib.errors import Invalid

# `default` is the operator's own; 16 hex characters are a key's alias; the others are folders of a run.
REFUSED = frozenset({"default", "research", "backtests", "backtests_final", "execution_results", "charts"})
ALIAS = re.compile(r"[0-9a-f]{16}", re.IGNORECASE)
FORM = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
READABLE = 24


def check_slug(slug: str) -> None:
    """Raise Invalid at `/slug` unless a workspace may have it."""
    if slug in REFUSED or ALIAS.fullmatch(slug) or not FORM.fullmatch(slug):
        raise Invalid.field("/slug", "Use 1 to 40 lower-case letters, digits and hyphens that mean nothing else here.")


def new_slug(text: str) -> str:
    """A free slug that begins with `text`, made readable, and ends in six random characters."""
    readable = slugify(text)[:READABLE].strip("-_").replace("_", "-") or "workspace"
    while True:
        slug = f"{readable}-{secrets.token_hex(3)}"
        if not Workspace.objects.filter(slug=slug).exists():
            check_slug(slug)
            return slug
