"""The one thing `make up` prints."""

from __future__ import annotations

from moondev.up.house import SANDBOX, House
from moondev.up.prepare import demo


def table(house: House) -> str:
    """Addresses, logins, the demo key and a curl line that works as printed."""
    access = demo(house)
    portal, gateway = house.url("dashboard"), house.url("gateway")
    rows = [
        ("Portal", f"{portal}/portal/"),
        ("Staff", f"{portal}/admin/"),
        ("Gateway", gateway),
        ("API browser", f"{gateway}/docs"),
        ("Billing", house.url("billing")),
        ("Alerts", house.url("alerts")),
        ("Dashboard", portal),
        ("Stripe", _stripe(house)),
        ("Demo login", f"{access['email']}  {access['password']}"),
        ("Staff login", f"{access['staff_email']}  {access['password']}"),
        ("Demo key", access["key"]),
        ("Logs, mail", str(house.data_dir)),
    ]
    width = max(len(name) for name, _ in rows)
    lines = [f"  {name:<{width}}  {value}" for name, value in rows]
    curl = f'curl -H "X-API-Key: {access["key"]}" "{gateway}/files/liq_data.csv?limit=5"'
    rule = "-" * max(len(line) for line in [*lines, curl])
    return "\n".join([rule, *lines, rule, curl, rule, "Ctrl-C stops everything.", ""])


def _stripe(house: House) -> str:
    """Where payments go, and with which card."""
    if not house.has_sandbox:
        return "the account of STRIPE_SECRET_KEY"
    return f"{house.url(SANDBOX)}  (sandbox; pay with 4242 4242 4242 4242)"
