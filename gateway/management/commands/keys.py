"""API keys from the operator's command line: by id, never by raw key."""

from __future__ import annotations

import json
from argparse import ArgumentTypeError
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from accounts.models import Workspace
from billing.principal import DEFAULT_SCOPES, SCOPES
from gateway.keys import services, takeover
from gateway.keys.export import describe
from gateway.models import ApiKey
from moondev.lib.errors import AppError

GRACES = dict(zip(("0", "1h", "24h", "7d"), services.GRACES, strict=True))


class Command(BaseCommand):
    help = "Create, list, show, rotate, revoke and import API keys."

    def add_arguments(self, parser: CommandParser) -> None:
        deeds = parser.add_subparsers(dest="deed", required=True, metavar="create|list|show|rotate|revoke|import")
        create = _deed(deeds, "create", "make a key and print its secret once")
        create.add_argument("workspace", help="the workspace's slug")
        create.add_argument("--name", required=True)
        create.add_argument("--scopes", type=_words, default=DEFAULT_SCOPES, help=f"of {','.join(SCOPES)}")
        create.add_argument("--mode", choices=ApiKey.Mode.values, default="live")
        create.add_argument("--expires-at", type=_moment, help="as 2027-01-31T12:00:00Z")
        create.add_argument("--allow", type=_words, default=(), help="addresses and CIDR ranges, separated by commas")
        create.add_argument("--service", action="store_true", help="a service key: it belongs to nobody in person")
        listing = _deed(deeds, "list", "list keys that are not revoked")
        listing.add_argument("workspace", nargs="?", help="the workspace's slug; without it those of all")
        listing.add_argument("--all", action="store_true", help="revoked ones too")
        _deed(deeds, "show", "show a key").add_argument("id", type=int)
        rotate = _deed(deeds, "rotate", "give a key a new secret and print it once")
        rotate.add_argument("id", type=int)
        rotate.add_argument("--grace", choices=GRACES, default="24h", help="how long the old secret works on")
        revoke = _deed(deeds, "revoke", "stop a key for good")
        revoke.add_argument("id", type=int)
        revoke.add_argument("--reason", default="")
        taken = _deed(deeds, "import", "take over first-generation keys from their SHA-256 digests")
        taken.add_argument("file", type=Path, help="a .json array or a CSV file: digest, plan, limit, owner|workspace")
        taken.add_argument("--plan-days", type=int, default=365, help="how long a plan holds that a row brings along")

    def handle(self, *args: Any, deed: str, **options: Any) -> None:
        run = {
            "create": self.create,
            "list": self.list,
            "show": self.show,
            "rotate": self.rotate,
            "revoke": self.revoke,
            "import": self.take_over,
        }[deed]
        try:
            run(options)
        except AppError as error:
            raise CommandError(error.detail) from error

    def create(self, options: dict[str, Any]) -> None:
        key, secret = services.create_key(
            workspace=_workspace(options["workspace"]),
            actor=None,
            name=options["name"],
            scopes=options["scopes"],
            mode=options["mode"],
            expires_at=options["expires_at"],
            allowed_addresses=options["allow"],
            is_service_key=options["service"],
        )
        self.reveal(key, secret, as_json=options["json"])

    def list(self, options: dict[str, Any]) -> None:
        keys = ApiKey.objects.select_related("workspace", "created_by").prefetch_related("secrets").order_by("pk")
        if options["workspace"]:
            keys = keys.filter(workspace=_workspace(options["workspace"]))
        if not options["all"]:
            keys = keys.filter(revoked_at=None)
        rows = [describe(key) for key in keys]
        if options["json"]:
            self.write_json(rows)
        else:
            self.write_table(rows)

    def show(self, options: dict[str, Any]) -> None:
        row = describe(_key(options["id"]))
        if options["json"]:
            self.write_json(row)
            return
        for name, value in row.items():
            self.stdout.write(f"{name:20} {_plain(value)}")

    def rotate(self, options: dict[str, Any]) -> None:
        key, secret = services.rotate_key(key=_key(options["id"]), actor=None, grace=GRACES[options["grace"]])
        self.reveal(key, secret, as_json=options["json"])

    def revoke(self, options: dict[str, Any]) -> None:
        key = services.revoke_key(key=_key(options["id"]), actor=None, reason=options["reason"])
        if options["json"]:
            self.write_json({"id": key.pk, "revoked_at": key.revoked_at})
        else:
            self.stdout.write(f"Key {key.pk} is revoked.")

    def take_over(self, options: dict[str, Any]) -> None:
        until = timezone.now() + timedelta(days=options["plan_days"])
        try:
            rows = takeover.read_rows(options["file"])
        except (OSError, ValueError) as error:
            raise CommandError(f"{options['file']} cannot be read: {error}") from error
        report = takeover.take_over(rows=rows, plan_until=until)
        if options["json"]:
            skipped = [{"row": number, "reason": reason} for number, reason in report.skipped]
            self.write_json({"imported": report.imported, "already_there": report.already_there, "skipped": skipped})
            return
        for number, reason in report.skipped:
            self.stderr.write(f"row {number}: {reason}")
        self.stdout.write(
            f"{report.imported} imported, {report.already_there} already there, {len(report.skipped)} skipped."
        )

    def reveal(self, key: ApiKey, secret: str, *, as_json: bool) -> None:
        """The one time that a secret is printed."""
        if as_json:
            self.write_json({"id": key.pk, "workspace": key.workspace.slug, "name": key.name, "secret": secret})
        else:
            self.stdout.write(f"Key {key.pk} ({key.name}) of {key.workspace.slug}. Its secret is shown this once:")
            self.stdout.write(secret)

    def write_json(self, value: object) -> None:
        self.stdout.write(json.dumps(value, cls=DjangoJSONEncoder, indent=2))

    def write_table(self, rows: Sequence[dict[str, Any]]) -> None:
        for row in rows:
            shown = row["secrets"][0]["shown"] if row["secrets"] else "-"
            self.stdout.write(f"{row['id']:>6}  {_state(row):8}  {row['workspace']:24}  {shown:20}  {row['name']}")


def _deed(deeds: Any, name: str, text: str) -> Any:
    parser = deeds.add_parser(name, help=text, description=text)
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _workspace(slug: str) -> Workspace:
    found = Workspace.objects.filter(slug=slug, erased_at=None).first()
    if found is None:
        raise CommandError(f"There is no workspace {slug!r}.")
    return found


def _key(number: int) -> ApiKey:
    found: ApiKey | None = ApiKey.objects.select_related("workspace").filter(pk=number).first()
    if found is None:
        raise CommandError(f"There is no key {number}. `manage.py keys list` shows the ids.")
    return found


def _state(row: dict[str, Any]) -> str:
    if row["revoked_at"]:
        return "revoked"
    if not row["enabled"]:
        return "disabled"
    if row["is_pending"]:
        return "unseen"
    return "expired" if row["expires_at"] and row["expires_at"] <= timezone.now() else "usable"


def _plain(value: object) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder) if isinstance(value, list | dict) else str(value)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in text.replace(",", " ").split() if word)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError("write it as 2027-01-31T12:00:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
