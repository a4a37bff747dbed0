"""The role table as the pages keep it: one line for each role, page and method."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Member, Role, User, Workspace
from gateway.models import ApiKey
from tests.cast import give_second_factor
from tests.portal.conftest import Login
from tests.portal.scene import Scene, scene, shared_scene
from tests.portal.walk import PAGES, address

pytestmark = pytest.mark.slow(0.1)

__all__ = ["scene", "shared_scene"]
# May: 200 a page, 302 a deed done, 422 a form that wants filling in. May not: 403.
TABLE = [
    # page, method, owner, admin, member
    ("index", "GET", 200, 200, 200),
    ("live", "GET", 200, 200, 200),
    ("keys", "GET", 200, 200, 200),
    ("key", "GET", 200, 200, 200),
    ("key-live", "GET", 200, 200, 200),
    ("usage", "GET", 200, 200, 200),
    ("usage-export", "GET", 200, 200, 200),
    ("quickstart", "GET", 200, 200, 200),
    ("plans", "GET", 200, 200, 200),
    ("plan-buy", "POST", 302, 302, 403),
    ("plan-pay", "GET", 302, 302, 403),
    ("payment-method", "POST", 302, 302, 403),
    ("plan-change", "GET", 302, 302, 403),
    ("plan-change", "POST", 302, 302, 403),
    ("plan-cancel", "GET", 302, 302, 403),
    ("plan-cancel", "POST", 302, 302, 403),
    ("plan-resume", "POST", 302, 302, 403),
    ("plan-keep", "POST", 302, 302, 403),
    ("packs", "GET", 302, 302, 403),
    ("packs", "POST", 302, 302, 403),
    ("pack-buy", "POST", 302, 302, 403),
    ("invoices", "GET", 200, 200, 403),
    ("invoice", "GET", 302, 302, 403),
    ("plan-done", "GET", 200, 200, 403),
    ("plan-done-live", "GET", 200, 200, 403),
    ("alerts", "GET", 200, 200, 200),
    ("alerts-live", "GET", 200, 200, 200),
    ("alert-gallery", "GET", 200, 200, 200),
    ("alert-new", "GET", 200, 200, 200),
    ("alert-new", "POST", 422, 422, 422),
    ("alert-preview", "GET", 200, 200, 200),
    ("alerts-mute", "POST", 302, 302, 403),
    ("alerts-unmute", "POST", 302, 302, 403),
    ("alert", "GET", 200, 200, 200),
    ("alert-live", "GET", 200, 200, 200),
    ("alert-course", "GET", 200, 200, 200),
    ("alert-edit", "GET", 200, 200, 403),
    ("alert-edit", "POST", 422, 422, 403),
    ("alert-delete", "GET", 200, 200, 403),
    ("alert-delete", "POST", 302, 302, 403),
    ("alert-pause", "POST", 302, 302, 403),
    ("alert-resume", "POST", 302, 302, 403),
    ("alert-snooze", "POST", 302, 302, 403),
    ("alert-wake", "POST", 302, 302, 403),
    ("alert-duplicate", "POST", 302, 302, 302),
    ("alert-test", "POST", 302, 302, 403),
    ("delivery-resend", "POST", 302, 302, 403),
    ("destinations", "GET", 200, 200, 200),
    ("destination-new", "GET", 200, 200, 403),
    ("destination-new", "POST", 422, 422, 403),
    ("destination", "GET", 200, 200, 200),
    ("destination-test", "POST", 200, 200, 403),
    ("destination-change", "GET", 200, 200, 403),
    ("destination-change", "POST", 422, 422, 403),
    ("destination-secret", "POST", 302, 302, 403),
    ("destination-rename", "GET", 200, 200, 403),
    ("destination-rename", "POST", 422, 422, 403),
    ("destination-default", "POST", 302, 302, 403),
    ("destination-no-default", "POST", 302, 302, 403),
    ("destination-disable", "POST", 302, 302, 403),
    ("destination-enable", "POST", 302, 302, 403),
    ("destination-resend", "POST", 302, 302, 403),
    ("destination-delete", "GET", 200, 200, 403),
    ("destination-delete", "POST", 302, 302, 403),
    ("runs", "GET", 200, 200, 200),
    ("runs-live", "GET", 200, 200, 200),
    ("run-new", "GET", 200, 200, 200),
    ("run-new", "POST", 422, 422, 422),
    ("run-draft", "POST", 200, 200, 200),
    ("run", "GET", 200, 200, 200),
    ("run-live", "GET", 200, 200, 200),
    ("run-stage", "GET", 200, 200, 200),
    ("run-cancel", "POST", 302, 302, 403),
    ("run-sharing", "POST", 302, 302, 403),
    ("run-rerun", "POST", 302, 302, 302),
    ("run-delete", "GET", 200, 200, 403),
    ("run-delete", "POST", 302, 302, 403),
    ("result", "GET", 200, 200, 200),
    ("result-series", "GET", 200, 200, 200),
    ("result-download-trades", "GET", 200, 200, 200),
    ("result-download-json", "GET", 200, 200, 200),
    ("result-download-report", "GET", 200, 200, 200),
    ("result-download-code", "GET", 200, 200, 200),
    ("result-share", "POST", 302, 302, 403),
    ("result-file", "POST", 302, 302, 302),
    ("results-compare", "GET", 200, 200, 200),
    ("results-compare-series", "GET", 200, 200, 200),
    ("leaderboard", "GET", 200, 200, 200),
    ("folders", "GET", 200, 200, 200),
    ("folder-new", "GET", 200, 200, 200),
    ("folder-new", "POST", 422, 422, 422),
    ("folder", "GET", 200, 200, 200),
    ("folder-rename", "GET", 200, 200, 403),
    ("folder-rename", "POST", 422, 422, 403),
    ("folder-delete", "GET", 200, 200, 403),
    ("folder-delete", "POST", 302, 302, 403),
    ("folder-remove", "POST", 302, 302, 403),
    ("shares", "GET", 200, 200, 200),
    ("share-revoke", "POST", 302, 302, 403),
    ("datasets", "GET", 200, 200, 200),
    ("uploads-live", "GET", 200, 200, 200),
    ("dataset-new", "GET", 200, 200, 200),
    ("dataset-new", "POST", 422, 422, 422),
    ("dataset", "GET", 200, 200, 200),
    ("dataset-download", "GET", 200, 200, 200),
    ("dataset-accept", "POST", 302, 302, 403),
    ("dataset-repair", "POST", 302, 302, 403),
    ("dataset-resample", "POST", 302, 302, 302),
    ("dataset-rename", "GET", 200, 200, 403),
    ("dataset-rename", "POST", 422, 422, 403),
    ("dataset-delete", "GET", 200, 200, 403),
    ("dataset-delete", "POST", 302, 302, 403),
    ("data-status", "GET", 200, 200, 200),
    ("data-refresh", "POST", 302, 302, 302),
    ("liquidations", "GET", 200, 200, 200),
    ("team", "GET", 200, 200, 200),
    ("settings", "GET", 200, 200, 200),
    ("security", "GET", 200, 200, 200),
    ("profile", "GET", 200, 200, 200),
    ("profile", "POST", 422, 422, 422),
    ("person-export", "POST", 200, 200, 200),
    ("workspace-new", "GET", 200, 200, 200),
    ("workspace-new", "POST", 422, 422, 422),
    ("workspace-switch", "POST", 302, 302, 302),
    ("key-new", "GET", 200, 200, 200),
    ("key-new", "POST", 422, 422, 422),
    ("key-edit", "GET", 200, 200, 403),
    ("key-edit", "POST", 422, 422, 403),
    ("key-rotate", "GET", 200, 200, 403),
    ("key-rotate", "POST", 422, 422, 403),
    ("key-revoke", "GET", 200, 200, 403),
    ("key-revoke", "POST", 302, 302, 403),
    ("key-disable", "POST", 302, 302, 403),
    ("key-enable", "POST", 302, 302, 403),
    ("key-reveal", "POST", 302, 302, 403),
    ("invite", "GET", 200, 200, 403),
    ("invite", "POST", 422, 422, 403),
    ("invitation-resend", "POST", 302, 302, 403),
    ("invitation-revoke", "POST", 302, 302, 403),
    ("invitation-accept", "POST", 404, 404, 404),
    ("member-role", "POST", 302, 302, 403),
    ("member-remove", "GET", 200, 200, 403),
    ("member-remove", "POST", 302, 302, 403),
    ("leave", "GET", 200, 200, 200),
    ("leave", "POST", 403, 302, 302),
    ("transfer", "GET", 200, 403, 403),
    ("transfer", "POST", 422, 403, 403),
    ("settings-rename", "POST", 302, 302, 403),
    ("settings-keys", "POST", 302, 302, 403),
    ("settings-export", "POST", 200, 200, 403),
    ("settings-close", "GET", 200, 403, 403),
    ("settings-close", "POST", 422, 403, 403),
    ("settings-reopen", "POST", 302, 403, 403),
    ("person-delete", "GET", 302, 302, 302),
    ("person-delete", "POST", 302, 302, 302),
]
LINES = [(name, method, role, line[i]) for name, method, *line in TABLE for i, role in enumerate(Role)]


class TestTable:
    @pytest.mark.parametrize(("name", "method", "role", "status"), LINES)
    def test_it_keeps_the_role_table(self, name: str, method: str, role: Role, status: int, scene: Scene) -> None:
        who = "Olivia" if role is Role.OWNER else "Max"
        Member.objects.filter(user=scene.people[who]).update(role=role)
        page = next(page for page in PAGES if page.name == name)
        assert scene.browser(who).generic(method, address(page, scene.ids)).status_code == status

    def test_it_shows_staff_everything_and_lets_them_change_nothing(
        self, scene: Scene, rita: User, login: Login
    ) -> None:
        give_second_factor(rita)
        browser = login(rita)
        session = browser.session
        session["acting_as"] = scene.team.pk
        session.save()
        assert "as staff" in browser.get("/portal/").content.decode()
        for page in PAGES:
            if "POST" in page.methods:
                assert browser.post(address(page, scene.ids)).status_code == 403, page.name


def test_it_has_a_line_for_every_page_and_method() -> None:
    assert {(name, method) for name, method, *_ in TABLE} == {(p.name, m) for p in PAGES for m in p.methods}


def test_it_lets_a_member_change_their_own_key(mate: Client, own_key: ApiKey) -> None:
    assert mate.post(f"/portal/keys/{own_key.pk}/disable/").status_code == 302
    own_key.refresh_from_db()
    assert not own_key.enabled


@pytest.mark.parametrize("deed", ["edit", "rotate", "revoke"])
def test_it_keeps_members_from_their_keys_where_the_workspace_says_so(
    deed: str, mate: Client, own_key: ApiKey, team: Workspace
) -> None:
    Workspace.objects.filter(pk=team.pk).update(members_manage_own_keys=False)
    assert mate.get(f"/portal/keys/{own_key.pk}/{deed}/").status_code == 403
    assert mate.get("/portal/keys/new/").status_code == 403
    assert "Only owners and admins create keys" in mate.get("/portal/keys/").content.decode()


def test_it_offers_a_member_neither_billing_nor_service_keys(mate: Client) -> None:
    page = mate.get("/portal/keys/new/").content.decode()
    assert "Open the billing portal" not in page
    assert "Service key" not in page


def test_it_keeps_what_an_admin_gave_when_a_member_edits(mate: Client, own_key: ApiKey) -> None:
    ApiKey.objects.filter(pk=own_key.pk).update(scopes=["data", "billing"])
    path = f"/portal/keys/{own_key.pk}/edit/"
    form = mate.get(path).context["form"]
    ticked = [scope for scope, _ in form.fields["scopes"].choices if scope in form.initial["scopes"]]
    mate.post(path, {"name": "Renamed", "scopes": ticked})
    own_key.refresh_from_db()
    assert (own_key.name, own_key.scopes) == ("Renamed", ["data", "billing"])
