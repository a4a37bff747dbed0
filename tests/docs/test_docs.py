"""The documentation names everything that a reader may meet."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import find_commands, get_commands
from prometheus_client import REGISTRY

from backtests.engine.failing import ENDINGS, OURS, SAID
from backtests.results import NO_TRADES
from backtests.work import BROKEN, LOST, NOTHING
from moondev import schema
from moondev.live import Live
from moondev.views import kinds_of_error

ROOT = Path(__file__).resolve().parents[2]
DOCS = sorted((ROOT / "docs").glob("*.md"))
TEXT = "\n".join(page.read_text() for page in [*DOCS, ROOT / "README.md"])

# Calls that are pages or text and so stand outside the OpenAPI document.
OUTSIDE_THE_SCHEMA = (
    "/metrics", "/schema", "/docs", "/docs/errors", "/billing/webhook", "/portal/", "/admin/", "/accounts/",
)  # fmt: skip
LANGUAGE_PARTS = {"moondev", "accounts", "alerts", "backtests", "billing", "gateway", "marketdata"}
SETTING = re.compile(r"(?:env\.\w+|secret|os\.environ(?:\.get)?)[\[(]\s*\"([A-Z][A-Z0-9_]+)\"")


def settings_read() -> list[str]:
    """The name of every variable that the program reads from its environment."""
    sources = [path for part in LANGUAGE_PARTS for path in (ROOT / part).rglob("*.py")]
    found = {name for path in sources for name in SETTING.findall(path.read_text())}
    found |= {*settings.PLAN_SEED_NUMBERS, *settings.PLAN_SEED_PRICE_IDS}
    return sorted(found - {"DJANGO_SETTINGS_MODULE", "DATABASE_URL_RESOLVED"})


def commands() -> list[str]:
    """Every management command of ours."""
    ours = [config for config in apps.get_app_configs() if config.name in LANGUAGE_PARTS]
    return sorted(name for config in ours for name in find_commands(str(Path(config.path) / "management")))


def metric_names() -> list[str]:
    """Every metric of ours, as Prometheus shows it."""
    families = [*REGISTRY.collect(), *Live().collect()]
    return sorted({family.name for family in families if family.name.startswith("moondev_")})


def test_it_names_every_endpoint() -> None:
    paths = [*schema.document()["paths"], *OUTSIDE_THE_SCHEMA]
    assert [path for path in paths if path not in TEXT] == []


@pytest.mark.parametrize("name", settings_read())
def test_it_explains_every_setting(name: str) -> None:
    assert f"`{name}`" in (ROOT / "docs" / "operations.md").read_text()


def test_it_finds_the_settings() -> None:
    assert {"DEBUG", "SECRET_KEY", "DATABASE_URL", "MARKET_DATA_SOURCE"} <= set(settings_read())


@pytest.mark.parametrize("code", [kind.code for kind in kinds_of_error()])
def test_it_explains_every_error_code(code: str) -> None:
    assert f"`{code}`" in (ROOT / "docs" / "api.md").read_text()


@pytest.mark.django_db
def test_it_explains_every_metric() -> None:
    operations = (ROOT / "docs" / "operations.md").read_text()
    assert [name for name in metric_names() if name not in operations] == []


def test_it_names_every_management_command() -> None:
    assert [name for name in commands() if f"manage.py {name}" not in TEXT] == []


def test_it_names_no_command_that_there_is_not() -> None:
    named = set(re.findall(r"manage\.py\s+([a-z_]+)", TEXT))
    assert {"migrate", "keys"} <= named
    assert named - set(get_commands()) == set()


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_its_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#|mailto:)([^)#]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_readme_links_to_the_main_pages() -> None:
    readme = (ROOT / "README.md").read_text()
    for page in ("quickstart", "api", "architecture", "operations", "licensing"):
        assert f"docs/{page}.md" in readme


def test_it_explains_every_reason_why_a_backtest_has_no_result() -> None:
    page = (ROOT / "docs" / "backtest_dashboard.md").read_text()
    reasons = re.compile(r'(?:IdeaFailed|Failed)\(\s*"([a-z_]+)"')
    sources = [path.read_text() for path in (ROOT / "backtests").rglob("*.py")]
    found = {name for source in sources for name in reasons.findall(source)}
    found |= {*SAID, *ENDINGS, OURS, "timeout", "forged", LOST[0], BROKEN[0], NOTHING[0], NO_TRADES} - {"cpu"}
    assert [name for name in sorted(found) if f"`{name}`" not in page] == []
    assert {"page", "data"} <= found
