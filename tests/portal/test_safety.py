"""What a browser may do with a page, where a secret may be, and how one gets in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.messages import get_messages
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.models import User, Workspace
from accounts.portal.pages import Page
from gateway.models import ApiKey
from moondev.lib.keys import is_well_formed
from tests.portal.scene import Scene, scene, shared_scene
from tests.portal.walk import PAGES, address

__all__ = ["scene", "shared_scene"]
NEW_KEY = {"name": "bot", "mode": "live", "scopes": ["data"], "allowed_addresses": ""}
SECRET = re.compile(r"md_(?:live|test)_[0-9A-Za-z]{38}")
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|\son[a-z]+=|javascript:", re.IGNORECASE)


class TestEveryPage:
    @pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
    def test_it_sends_a_content_security_policy_and_no_inline_script(self, page: Page, scene: Scene) -> None:
        owner = scene.browser("Olivia")
        for method in page.methods:
            answer = owner.generic(method, address(page, scene.ids))
            policy = answer["Content-Security-Policy"]
            assert "script-src 'self' 'unsafe-eval';" in policy + ";"
            assert "frame-ancestors 'none'" in policy
            if not answer.streaming and answer["Content-Type"].startswith("text/html"):
                assert not INLINE.search(answer.content.decode())

    @pytest.mark.parametrize("page", [page for page in PAGES if "GET" in page.methods], ids=lambda page: page.name)
    def test_it_refuses_what_no_database_can_look_for(self, page: Page, scene: Scene) -> None:
        asked = "&".join(f"{name}=%00" for name in ("q", "for", "plan", "interval", "add_on", "run", "symbol"))
        assert scene.browser("Olivia").get(f"{address(page, scene.ids)}?{asked}&quantity=1").status_code == 400

    @pytest.mark.parametrize("page", [page for page in PAGES if "POST" in page.methods], ids=lambda page: page.name)
    def test_it_refuses_a_form_without_its_token(self, page: Page, scene: Scene) -> None:
        browser = scene.browser("Olivia", is_strict=True)
        assert browser.post(address(page, scene.ids)).status_code == 403

    @pytest.mark.parametrize("page", [page for page in PAGES if "GET" not in page.methods], ids=lambda page: page.name)
    def test_it_changes_nothing_by_a_link(self, page: Page, scene: Scene) -> None:
        owner = scene.browser("Olivia")
        for method in ("GET", "HEAD", "OPTIONS"):
            answer = owner.generic(method, address(page, scene.ids))
            assert answer.status_code == 405, method
            assert answer["Allow"] == "POST"


def test_it_guards_the_page_about_a_large_body_like_any_other(owner: Client) -> None:
    guards = ("Content-Security-Policy", "X-Frame-Options", "X-Content-Type-Options", "Referrer-Policy")
    large = owner.post("/portal/settings/rename/", b"x" * 1_048_577, content_type="application/x-www-form-urlencoded")
    usual = owner.get("/portal/")
    assert (large.status_code, large["Content-Type"]) == (413, usual["Content-Type"])
    assert [large[name] for name in guards] == [usual[name] for name in guards]


def test_it_presses_no_button_for_a_head_request(owner: Client, key: ApiKey) -> None:
    assert owner.head(f"/portal/keys/{key.pk}/revoke/").status_code == 200
    key.refresh_from_db()
    assert key.revoked_at is None


@pytest.mark.parametrize("path", ["/portal/login/", "/portal/"])
def test_it_gives_no_session_for_a_right_password(path: str, olivia: User, workspace: Workspace) -> None:
    browser = Client()
    answer = browser.post(path, {"username": olivia.email, "password": "correct horse battery", "login": olivia.email})
    assert answer.status_code == 302
    assert settings.SESSION_COOKIE_NAME not in browser.cookies
    assert Session.objects.count() == 0
    assert browser.get("/portal/").status_code == 302


def test_it_sends_who_is_logged_in_on_to_their_page(owner: Client) -> None:
    assert owner.get("/portal/login/?next=/portal/keys/")["Location"] == "/portal/keys/"
    assert owner.get("/portal/login/?next=https://elsewhere.example/")["Location"] == "/portal/"


def test_it_locks_out_who_is_no_longer_active(owner: Client, olivia: User) -> None:
    User.objects.filter(pk=olivia.pk).update(is_active=False)
    assert owner.get("/portal/").status_code == 302


def reveal(browser: Client, key: ApiKey | None = None) -> str:
    """Make or rotate a key; the page that shows the secret is checked and the secret returned."""
    path, data = ("/portal/keys/new/", NEW_KEY) if key is None else (f"/portal/keys/{key.pk}/rotate/", {"grace": 3600})
    answer = browser.post(path, data)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    found: set[str] = set(SECRET.findall(answer.content.decode()))
    (secret,) = found
    assert is_well_formed(secret, "md_live_")
    assert list(get_messages(answer.wsgi_request)) == []
    return secret


@pytest.mark.parametrize("deed", ["create", "rotate"])
def test_it_shows_a_secret_in_one_answer_and_keeps_it_nowhere(deed: str, owner: Client, key: ApiKey) -> None:
    secret = reveal(owner, key if deed == "rotate" else None)
    assert secret not in str(dict(owner.session.items()))
    shown = ApiKey.objects.order_by("-pk").first() if deed == "create" else key
    assert shown
    for path in ("/portal/", "/portal/keys/", f"/portal/keys/{shown.pk}/", "/portal/quickstart/", "/portal/team/"):
        page = owner.get(path).content.decode()
        assert secret not in page
        assert secret[-20:] not in page


def test_it_loads_scripts_and_styles_from_its_own_folder_only() -> None:
    for template in Path(settings.BASE_DIR, "templates/portal").rglob("*.html"):
        for source in re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=\"([^\"]+)", template.read_text()):
            assert source.startswith("{% static "), f"{template}: {source}"
