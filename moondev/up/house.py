"""What runs where: the services, their ports and the commands that start them."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from moondev.up.trouble import Trouble

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
PORTS = {"gateway": 8010, "billing": 8011, "alerts": 8012, "dashboard": 8002, "stripe": 8013}
# Plays Stripe, and is there only where no key of Stripe's is.
SANDBOX = "stripe"
# Every process that `make up` starts carries this variable, so that none is overlooked when it ends.
MARK = "MOONDEV_UP"


@dataclass(frozen=True)
class Program:
    """One supervised process."""

    name: str
    command: str
    environment: Mapping[str, str]


@dataclass(frozen=True)
class House:
    """Folder, ports and settings of one `make up`."""

    data_dir: Path
    ports: Mapping[str, int]
    embedded_parts: frozenset[str]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> House:
        """DATA_DIR, DATABASE_URL and so on as everywhere; GATEWAY_PORT and so on move a service elsewhere."""
        data_dir = Path(environment.get("DATA_DIR") or ROOT / ".data").absolute()
        has_account = not (environment.get("STRIPE_SECRET_KEY") or "_sandbox").endswith("_sandbox")
        names = [name for name in PORTS if name != SANDBOX or not has_account]
        ports = {name: _port(environment, name, PORTS[name]) for name in names}
        urls = {"postgres": "DATABASE_URL", "valkey": "REDIS_URL"}
        parts = frozenset(part for part, variable in urls.items() if not environment.get(variable))
        return cls(data_dir, ports, parts)

    @property
    def environment(self) -> dict[str, str]:
        """Development settings: only here is DEBUG set, and everything listens on the loopback address only."""
        return {
            "DEBUG": "1",
            "DATA_DIR": str(self.data_dir),
            "PUBLIC_URL": self.url("dashboard"),
            "GATEWAY_PUBLIC_URL": self.url("gateway"),
            "BILLING_PUBLIC_URL": self.url("billing"),
            "DJANGO_SETTINGS_MODULE": "moondev.settings",
            **self._payment(),
        }

    @property
    def has_sandbox(self) -> bool:
        """Whether payments are played here instead of being made at Stripe."""
        return SANDBOX in self.ports

    @property
    def logs(self) -> Path:
        return self.data_dir / "logs"

    @property
    def serving(self) -> Path:
        """A file that is there from the moment at which every service answers."""
        return self.data_dir / "serving"

    def url(self, service: str) -> str:
        return f"http://{HOST}:{self.ports[service]}"

    def _payment(self) -> dict[str, str]:
        """Where Stripe is played, and where that sends its events."""
        if not self.has_sandbox:
            return {}
        return {
            "STRIPE_API_BASE": self.url(SANDBOX),
            "STRIPE_SANDBOX_WEBHOOK_URL": f"{self.url('billing')}/billing/webhook",
        }

    def programs(self) -> list[Program]:
        return [*map(self._service, self.ports), *self._workers()]

    def _service(self, name: str) -> Program:
        python = _quoted(sys.executable)
        if name == SANDBOX:
            return Program(name, f"exec {python} -m billing.sandbox {self.ports[name]}", {})
        options = f"--interface wsgi --host {HOST} --port {self.ports[name]} --workers 1 --blocking-threads 8 --no-ws"
        command = f"{python} -m granian {options} --log-level warning moondev.wsgi:application"
        return Program(name, f"exec {command}", {"MOONDEV_SERVICE": name})

    def _workers(self) -> list[Program]:
        # Loading code is most of a start: workers begin with theirs when the services have theirs.
        wait = f"until [ -e {_quoted(self.serving)} ]; do sleep 0.1; done"
        celery = f"{wait}; exec {_quoted(sys.executable)} -m celery -A moondev.celery"
        schedule = _quoted(self.data_dir / "beat-schedule")
        runner = "worker --queues backtests --hostname backtests@%h --pool threads --concurrency 4 --without-mingle"
        return [
            Program("worker", f"{celery} worker --pool threads --concurrency 4 --without-mingle --loglevel INFO", {}),
            Program("backtests", f"{celery} {runner} --loglevel INFO", {}),
            Program("beat", f"{celery} beat --schedule {schedule} --pidfile= --loglevel INFO", {}),
        ]


def _quoted(path: str | Path) -> str:
    """A path as the shell reads it whole, blanks and all."""
    return shlex.quote(str(path))


def _port(environment: Mapping[str, str], service: str, usual: int) -> int:
    variable = f"{service.upper()}_PORT"
    text = environment.get(variable) or str(usual)
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise Trouble(f"{variable} is {text!r}: set it to a number from 1 to 65535.")
    return int(text)
