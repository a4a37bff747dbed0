"""`manage.py sandbox`: how strongly this machine can hold untrusted code."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from backtests.sandbox import BoundaryMissing, Level, probe
from backtests.sandbox.inside.cgroups import trees
from backtests.sandbox.probing import choose


class Command(BaseCommand):
    """Tries every level, as a worker does at its start."""

    # It is for machines on which nothing else is set up yet.
    requires_system_checks = ()
    help = "Show which levels of the sandbox this machine offers to this user, and why not the others"

    def handle(self, *args: Any, **options: Any) -> None:
        """Ends with 1 where a worker would not start."""
        for level, reason in probe().items():
            self.stdout.write(f"{level.label:16} {'offered' if not reason else f'missing: {reason}'}")
        controllers = [controller for tree in trees() for controller in tree.controllers]
        self.stdout.write(f"{'control groups':16} {', '.join(controllers) or 'none; limits of the process remain'}")
        try:
            level = choose(None, Level.named(settings.SANDBOX_LEVEL), probe())
        except BoundaryMissing as missing:
            raise CommandError(f"No worker starts here: {missing}", returncode=1) from None
        self.stdout.write(f"Strategies run here at the level {level.label}; SANDBOX_LEVEL is {settings.SANDBOX_LEVEL}.")
