"""A complete production environment, for programs that are started with one variable changed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from cryptography.fernet import Fernet

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


def manage(*arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py in production settings; a change to "" takes the variable away."""
    environment = {name: value for name, value in (ENVIRONMENT | changes).items() if value}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={"PATH": os.defpath, **environment},
        text=True,
        capture_output=True,
        timeout=120,
        check=False,
    )
