"""Template tags of the pages at the door: the portal's colours, and which page of the account one is on."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from unfold.settings import get_config
from unfold.utils import convert_color

register = template.Library()


@register.simple_tag
def palette() -> SafeString:
    """The portal's palette as CSS variables, from the same setting that the portal itself reads."""
    colours = get_config("UNFOLD_PORTAL")["COLORS"]  # type: ignore[no-untyped-call]
    lines = [
        f"--color-{name}-{weight}:{convert_color(value)};"
        for name, weights in colours.items()
        for weight, value in weights.items()
    ]
    return format_html("<style>:root{{{}}}</style>", "".join(lines))


@register.simple_tag(takes_context=True)
def here(context: template.Context, *names: str) -> SafeString | str:
    """`aria-current` for the tab whose pages have one of these URL names."""
    match = context["request"].resolver_match
    return mark_safe('aria-current="page"') if match and match.url_name in names else ""
