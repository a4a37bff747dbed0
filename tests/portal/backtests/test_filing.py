"""Folders and share links: what is kept together, and what is shown to whoever has an address."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEntry, Member, User, Workspace
from backtests import folders, sharing
from backtests.models import Folder, Result, Share
from billing.principal import Principal
from moondev.lib.errors import Conflict, Forbidden, Invalid, NotFound
from tests.backtests.making import finished
from tests.portal.backtests.conftest import Text

LINKS = "/portal/backtests/links/"


def make(workspace: Workspace, by: User, name: str = "Best", **values: Any) -> Folder:
    return folders.create_folder(workspace=workspace, actor=by, name=name, **values)


# Folders ------------------------------------------------------------------------------------------------------------


def test_a_folder_is_made_renamed_and_deleted(team: Workspace, olivia: User) -> None:
    folder = make(team, olivia, "  My   best ")
    assert folder.name == "My best"
    folders.rename_folder(folder=folder, actor=olivia, name="Better")
    folders.delete_folder(folder=folder, actor=olivia)
    assert not Folder.objects.exists()
    actions = AuditEntry.objects.filter(action__startswith="folder.").order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["folder.created", "folder.renamed", "folder.deleted"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_a_folder_needs_a_name(name: str, team: Workspace, olivia: User) -> None:
    with pytest.raises(Invalid) as refused:
        make(team, olivia, name)
    assert refused.value.errors[0].pointer == "/name"


def test_two_folders_of_a_workspace_have_two_names(
    team: Workspace, olivia: User, sam: User, strangers_workspace: Workspace
) -> None:
    folder = make(team, olivia)
    make(strangers_workspace, sam)
    with pytest.raises(Conflict):
        make(team, olivia)
    other = make(team, olivia, "Other")
    with pytest.raises(Conflict):
        folders.rename_folder(folder=other, actor=olivia, name="Best")
    assert folders.rename_folder(folder=folder, actor=olivia, name="Best").name == "Best"


def test_adding_twice_keeps_one(result: Result, team: Workspace, olivia: User) -> None:
    folder = make(team, olivia)
    ids = [result.pk, result.pk]
    assert folders.add_results(folder=folder, actor=olivia, results=ids) == 1
    assert folders.add_results(folder=folder, actor=olivia, results=ids) == 0
    assert folders.remove_results(folder=folder, actor=olivia, results=ids) == 1
    assert Result.objects.filter(pk=result.pk).exists()


def test_nobody_files_a_result_of_others(
    result: Result, sam: User, strangers_workspace: Workspace, team: Workspace, olivia: User
) -> None:
    folder = make(strangers_workspace, sam)
    with pytest.raises(NotFound):
        folders.add_results(folder=folder, actor=sam, results=[result.pk])
    with pytest.raises(NotFound):
        folders.add_results(folder=folder, actor=olivia, results=[result.pk])


def test_a_member_changes_shared_folders_and_their_own(team: Workspace, olivia: User, max: User) -> None:
    shared, hers, own = make(team, olivia), make(team, olivia, "Hers", is_shared=False), make(team, max, "Own")
    for folder in (shared, own):
        folders.rename_folder(folder=folder, actor=max, name=f"{folder.name} 2")
    with pytest.raises(Forbidden):
        folders.rename_folder(folder=hers, actor=max, name="Mine")


def test_a_key_changes_every_folder_of_its_workspace(team: Workspace, olivia: User, key: Any) -> None:
    folder = make(team, olivia, is_shared=False)
    terms: Any = None
    principal = Principal(team.pk, team.slug, terms, frozenset({"backtests"}), 60, key_id=key.pk, key_alias="bot")
    folders.delete_folder(folder=folder, actor=principal)
    assert AuditEntry.objects.get(action="folder.deleted").actor_label == "API key bot"


def test_the_folders_pages_do_it_all(owner: Client, result: Result, text: Text) -> None:
    assert "No folder yet" in text(owner, "/portal/backtests/folders/")
    assert "Nothing in it yet" in text(owner, "/portal/backtests/folders/new/", {"name": "Best", "is_shared": "on"})
    folder = Folder.objects.get()
    path = f"/portal/backtests/folders/{folder.pk}/"
    assert "already" in text(owner, "/portal/backtests/folders/new/", {"name": "Best"}, status=422)
    text(owner, f"/portal/backtests/results/{result.pk}/file/", {"folder": folder.pk})
    assert "+12.34 %" in text(owner, path)
    assert "Better" in text(owner, f"{path}rename/", {"name": "Better"})
    assert "1 result taken out." in text(owner, f"{path}remove/", {"id": result.pk})
    assert "Its results stay." in text(owner, f"{path}delete/", {})


# Links --------------------------------------------------------------------------------------------------------------


def share(result: Result, by: User, **values: Any) -> str:
    """The path of a new link."""
    return f"/share/backtests/{sharing.token_of(sharing.create_share(result=result, actor=by, **values))}"


def test_a_link_shows_the_result_to_everybody_and_whose_it_is_to_nobody(
    result: Result, olivia: User, team: Workspace, text: Text
) -> None:
    page = text(Client(), share(result, olivia))
    assert "+12.34 %" in page
    theirs = (team.name, team.slug, olivia.email, "Olivia", "my-run", result.run_id, "/portal/backtests")
    recipe = ("class Cross", "Cross", "fast", "crosses over SMA", "sets of parameters")
    assert [words for words in (*theirs, *recipe) if words in page] == []


def test_a_link_without_code_tells_nothing_of_the_code(result: Result, olivia: User, text: Text) -> None:
    result.notes = [
        {"code": "open_trades", "text": "One trade was still open at the end."},
        {"code": "shifted", "text": "Line 7: secret_sauce looks at a later bar."},
        {"code": "taken_from_text", "text": "The code was taken out of a fence."},
        {"code": "other_timeframe", "text": "The idea speaks of 5m bars, which these have not: My own data."},
    ]
    result.lookahead, result.lookahead_evidence = "not_checked", [{"text": "NameError: secret_sauce"}]
    result.save()
    page = text(Client(), share(result, olivia))
    assert "One trade was still open" in page
    assert [words for words in ("secret_sauce", "fence", "My own data") if words in page] == []
    page = text(Client(), share(result, olivia, with_code=True))
    assert ("Line 7: secret_sauce" in page, "NameError" in page, "My own data" in page) == (True, True, False)


def test_a_link_shows_the_code_where_that_was_ticked(result: Result, olivia: User, text: Text) -> None:
    assert "class Cross" in text(Client(), share(result, olivia, with_code=True))


def test_a_link_is_in_no_index_no_cache_and_no_referrer(result: Result, olivia: User) -> None:
    for path in (share(result, olivia), f"{share(result, olivia)}/series"):
        answer = Client().get(path)
        assert answer.status_code == 200
        assert "noindex" in answer["X-Robots-Tag"]
        assert "no-store" in answer["Cache-Control"]
        assert answer["Referrer-Policy"] == "no-referrer"
    assert 'name="robots" content="noindex"' in Client().get(share(result, olivia)).content.decode()


def test_a_link_that_is_taken_back_shows_nothing(owner: Client, result: Result, olivia: User, text: Text) -> None:
    path = share(result, olivia)
    found = Share.objects.get()
    assert path in text(owner, LINKS)
    assert "taken back" in text(owner, f"{LINKS}{found.pk}/revoke/", {})
    assert "Nothing is shared" in text(owner, LINKS)
    for address in (path, f"{path}/series"):
        assert Client().get(address).status_code == 404
    sharing.revoke_share(share=found, actor=olivia)
    assert AuditEntry.objects.filter(action="result.unshared").count() == 1


def test_a_made_up_token_opens_nothing(result: Result, olivia: User) -> None:
    token = sharing.token_of(sharing.create_share(result=result, actor=olivia))
    number, signature = token.split(".")
    for wrong in (number, f"{int(number) + 1}.{signature}", f"{token}x", "x", "1.x", f"{number}."):
        assert Client().get(f"/share/backtests/{wrong}").status_code == 404


def test_a_closed_workspace_shares_nothing(result: Result, olivia: User, team: Workspace) -> None:
    path = share(result, olivia)
    Workspace.objects.filter(pk=team.pk).update(closed_at="2026-01-01T00:00Z", erase_after="2026-02-01T00:00Z")
    assert Client().get(path).status_code == 404


def test_a_result_is_shared_by_its_page(owner: Client, result: Result, text: Text) -> None:
    page = text(owner, f"/portal/backtests/results/{result.pk}/share/", {"with_code": "on"})
    assert "The link is made." in page
    assert "1 share link" in page
    assert Share.objects.get().with_code


def test_a_member_shares_and_takes_back_only_what_they_may_change(
    mate: Client, team: Workspace, olivia: User, max: User
) -> None:
    hers, own = finished(team, olivia), finished(team, max)
    with pytest.raises(Forbidden):
        sharing.create_share(result=hers, actor=max)
    link = sharing.create_share(result=hers, actor=olivia)
    with pytest.raises(Forbidden):
        sharing.revoke_share(share=link, actor=max)
    sharing.revoke_share(share=sharing.create_share(result=own, actor=max), actor=max)
    Member.objects.filter(workspace=team, user=max).update(role="admin")
    sharing.revoke_share(share=link, actor=max)
    assert not Share.objects.filter(revoked_at=None).exists()


def test_a_shared_page_runs_nothing_inline(result: Result, olivia: User) -> None:
    answer = Client().get(share(result, olivia, with_code=True))
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son[a-z]+=|javascript:", answer.content.decode(), re.IGNORECASE)
