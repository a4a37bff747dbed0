"""Template filters of the pages of billing: amounts of money."""

from __future__ import annotations

from django import template

register = template.Library()

# Currencies without a smaller unit: Stripe counts them whole.
WHOLE = {"bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf"}


@register.filter
def money(units: int, currency: str = "usd") -> str:
    """Stripe's smallest units as a person reads them: 490000 is "$4,900", -1234 is "-$12.34", 500 eur "5.00 EUR"."""
    currency = currency.lower()
    sign = "-" if units < 0 else ""
    if currency in WHOLE:
        return f"{sign}{abs(units):,} {currency.upper()}"
    whole, rest = divmod(abs(units), 100)
    if currency != "usd":
        return f"{sign}{whole:,}.{rest:02} {currency.upper()}"
    return f"{sign}${whole:,}.{rest:02}" if rest else f"{sign}${whole:,}"
