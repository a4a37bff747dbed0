"""Folders of results and the workspace's share links."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.current import is_acting
from accounts.owned import OwnedModelAdmin
from accounts.portal.pages import DEED, FORM, Page, person, posted, refusals, show, workspace_of
from accounts.roles import Deed
from backtests import folders, sharing
from backtests.models import Folder, Result, Share
from backtests.portal.comparing import MOST, line_of
from backtests.portal.forms import FolderForm, NewFolderForm
from backtests.portal.links import url_of
from billing.doers import doer_of

PER_PAGE = 50


class FolderAdmin(OwnedModelAdmin):
    """The workspace's folders. Everybody sees them; a shared one is everybody's to change."""

    deeds: ClassVar = {"view": Deed.READ, "add": Deed.WRITE, "change": Deed.WRITE, "delete": Deed.WRITE}

    def portal_pages(self) -> tuple[Page, ...]:
        one = "backtests/folders/<int:folder_id>/"
        return (
            Page("backtests/folders/", "folders", self.list_folders),
            Page("backtests/folders/new/", "folder-new", self.create, FORM, back="folders"),
            Page(one, "folder", self.show_folder),
            Page(f"{one}rename/", "folder-rename", self.rename, FORM, back="folder"),
            Page(f"{one}delete/", "folder-delete", self.delete, FORM, back="folder"),
            Page(f"{one}remove/", "folder-remove", self.remove, DEED, back="folder"),
        )

    def list_folders(self, request: HttpRequest) -> HttpResponse:
        rows = self.get_queryset(request).select_related("created_by").annotate(held=Count("entries"))
        return show(request, "portal/backtests/folders.html", "Folders", rows=list(rows.order_by("name")))

    def show_folder(self, request: HttpRequest, folder_id: int) -> HttpResponse:
        folder: Folder = self.owned(request, folder_id)
        held = Result.objects.for_workspace(workspace_of(request)).filter(entries__folder=folder)
        rows = held.select_related("strategy", "dataset", "run", "idea").order_by("-entries__added_at", "-pk")
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
        return show(
            request, "portal/backtests/folder.html", folder.name, folder=folder, page=page, most=MOST,
            lines=[line_of(result) for result in page.object_list], may_change=may_change(request, folder),
        )  # fmt: skip

    def create(self, request: HttpRequest) -> HttpResponse:
        if is_acting(request):
            raise PermissionDenied
        form = NewFolderForm(posted(request))
        if request.method == "POST" and form.is_valid():
            with refusals(form):
                folder = folders.create_folder(
                    workspace=workspace_of(request), actor=person(request), **form.cleaned_data
                )
                messages.success(request, "The folder is made. Results are put into it on their own pages.")
                return redirect("portal:folder", folder_id=folder.pk)
        return show(request, "portal/backtests/folder_form.html", "New folder", form=form, button="Create folder")

    def rename(self, request: HttpRequest, folder_id: int) -> HttpResponse:
        folder = self._changeable(request, folder_id)
        form = FolderForm(posted(request), initial={"name": folder.name})
        if request.method == "POST" and form.is_valid():
            with refusals(form):
                folders.rename_folder(folder=folder, actor=person(request), name=form.cleaned_data["name"])
                messages.success(request, "The name is saved.")
                return redirect("portal:folder", folder_id=folder.pk)
        return show(
            request, "portal/backtests/folder_form.html", f"Rename {folder.name}", form=form, folder=folder,
            button="Save",
        )  # fmt: skip

    def delete(self, request: HttpRequest, folder_id: int) -> HttpResponse:
        folder = self._changeable(request, folder_id)
        if request.method == "POST":
            folders.delete_folder(folder=folder, actor=person(request))
            messages.success(request, f"“{folder.name}” is deleted. Its results stay.")
            return redirect("portal:folders")
        return show(request, "portal/backtests/folder_delete.html", f"Delete {folder.name}", folder=folder)

    def remove(self, request: HttpRequest, folder_id: int) -> HttpResponse:
        """Take one result, or the ticked ones, out of the folder."""
        folder = self._changeable(request, folder_id)
        ids = [int(text) for text in request.POST.getlist("id") if text.isascii() and text.isdigit() and len(text) < 18]
        gone = folders.remove_results(folder=folder, actor=person(request), results=ids)
        messages.success(request, f"{gone} result{'' if gone == 1 else 's'} taken out.")
        return redirect("portal:folder", folder_id=folder.pk)

    def _changeable(self, request: HttpRequest, folder_id: int) -> Folder:
        folder: Folder = self.owned(request, folder_id)
        if not may_change(request, folder):
            raise PermissionDenied
        return folder


class ShareAdmin(OwnedModelAdmin):
    """The workspace's links. Whoever made one takes it back, and owners and admins every one."""

    deeds: ClassVar = {"view": Deed.READ, "change": Deed.WRITE}

    def portal_pages(self) -> tuple[Page, ...]:
        return (
            Page("backtests/links/", "shares", self.list_shares),
            Page("backtests/links/<int:share_id>/revoke/", "share-revoke", self.revoke, DEED, back="shares"),
        )

    def list_shares(self, request: HttpRequest) -> HttpResponse:
        rows = self.get_queryset(request).filter(revoked_at=None)
        rows = rows.select_related("result__strategy", "result__dataset", "created_by")
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
        doer = doer_of(person(request), workspace_of(request))
        links = [
            {"share": row, "url": url_of(row), "may_revoke": not is_acting(request) and doer and doer.may_change(row)}
            for row in page.object_list
        ]
        return show(request, "portal/backtests/shares.html", "Share links", links=links, page=page)

    def revoke(self, request: HttpRequest, share_id: int) -> HttpResponse:
        share: Share = self.owned(request, share_id)
        if is_acting(request):
            raise PermissionDenied
        sharing.revoke_share(share=share, actor=person(request))
        messages.success(request, "The link is taken back: its address shows nothing any more.")
        return redirect("portal:shares")


def may_change(request: HttpRequest, folder: Folder) -> bool:
    doer = doer_of(person(request), workspace_of(request))
    return not is_acting(request) and doer is not None and doer.may_change(folder)
