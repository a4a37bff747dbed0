"""`manage.py import_market_data <file>…`: take files into the stored market data."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from marketdata.catalogue import FEEDS
from marketdata.sources.files.guess import UnknownFile
from marketdata.sources.files.importing import Import, import_file
from marketdata.state import served_source


class Command(BaseCommand):
    help = "Import market data files. Bad lines are shown and set aside; importing a file twice changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path)
        parser.add_argument(
            "--feed", choices=sorted(FEEDS), help="What the files are, where name and header do not tell"
        )
        parser.add_argument("--source", default="files", help="The source that the rows are stored under")

    def handle(self, *args: Any, files: list[Path], feed: str | None, source: str, **options: Any) -> None:
        """Ends with 1 if a file could not be read or a line of one was refused."""
        whole = [self._import(path, feed, source) for path in files]
        if source != served_source():
            self.stdout.write(
                f"These rows are stored under the source {source!r}; the API serves {served_source()!r}. "
                f"Set MARKET_DATA_SOURCE={source} to serve them."
            )
        if not all(whole):
            raise CommandError("Not everything was imported; see the lines above.", returncode=1)

    def _import(self, path: Path, feed: str | None, source: str) -> bool:
        """Import one file and tell what became of it; whether all of it went in."""
        try:
            done = import_file(path=path, source=source, feed=feed)
        except UnknownFile as error:
            self.stderr.write(f"{path}: {error}")
            return False
        except OSError as error:
            self.stderr.write(f"{path}: {error.strerror}")
            return False
        self._tell(path, done)
        return not done.rejected.count

    def _tell(self, path: Path, done: Import) -> None:
        for feed, intake in done.intakes.items():
            filled = f" {intake.filled:,} filled in," if intake.filled else ""
            counts = f"{intake.added:,} rows added,{filled} {intake.known:,} known already."
            self.stdout.write(f"{path.name} -> {feed}: {counts}")
        rejected = done.rejected
        for line, reason in rejected.first:
            self.stderr.write(f"{path.name}, line {line:,}: {reason}")
        if rejected.count:
            self.stderr.write(f"{path.name}: {rejected.count:,} lines refused. They are in {rejected.path}.")
