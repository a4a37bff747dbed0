"""A complete production environment, for programs that are started with one variable changed."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from pathlib import Path
from unittest import mock

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {
    "SECRET_KEY": "k7-PqZ" * 12,
    "KEY_PEPPERS": "1:" + "p3-QrT" * 8,
    "SEAL_KEYS": Fernet.generate_key().decode(),
    "ALLOWED_HOSTS": "app.example.com,api.example.com",
    "EMAIL_URL": "smtp://user:secret@mail.example.com:587",
    "STRIPE_SECRET_KEY": "sk_live_" + "a1B2" * 6,
    "STRIPE_WEBHOOK_SECRET": "whsec_" + "c3D4" * 8,
    "MARKET_DATA_SOURCE": "files",
    # A server that answers: a check that asks an absent one waits for its pool's whole time-out.
    "DATABASE_URL": os.environ["DATABASE_URL"].rpartition("/")[0] + "/postgres",
    "REDIS_URL": "redis://redis.example.com:6379/0",
    "PUBLIC_URL": "https://app.example.com",
    "GATEWAY_PUBLIC_URL": "https://api.example.com",
    "BILLING_PUBLIC_URL": "https://billing.example.com",
}


def environment_with(changes: dict[str, str]) -> dict[str, str]:
    """A change to "" takes the variable away."""
    return {"PATH": os.defpath} | {name: value for name, value in (ENVIRONMENT | changes).items() if value}


def refusal(**changes: str) -> str:
    """What the settings refuse to be read with. Every program ends with that, but a process for each takes long."""
    with mock.patch.dict(os.environ, environment_with(changes), clear=True):
        try:
            runpy.run_path(str(ROOT / "moondev" / "settings.py"))
        except ImproperlyConfigured as error:
            return str(error)
    raise AssertionError("these settings are read")


def manage(*arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py in production settings."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment_with(changes),
        text=True,
        capture_output=True,
        timeout=120,
        check=False,
    )
