"""The calls on folders of results."""

from __future__ import annotations

from django.db.models import Count
from django.db.models.functions import TruncDate
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backtests import folders
from backtests.api import asked, shown
from backtests.api.serializers import (
    AddedSerializer,
    AddSerializer,
    DatesSerializer,
    DeleteSerializer,
    DoneSerializer,
    FolderListSerializer,
    FoldersSerializer,
    PathsSerializer,
)
from backtests.models import Folder, Result
from backtests.rows import code_path
from moondev.lib.errors import Conflict, Invalid, NotFound

SCOPE = "backtests"
TAGS = ["backtest folders"]
DAY = "%m-%d-%Y"


class FoldersView(APIView):
    """GET /api/folders."""

    required_scope = SCOPE

    @extend_schema(operation_id="folders", summary="The names of the folders", tags=TAGS, responses=FoldersSerializer)
    def get(self, request: Request) -> Response:
        principal = asked.principal_of(request)
        names = Folder.objects.for_workspace(principal.workspace_id).values_list("name", flat=True)
        return Response({"workspace": principal.workspace_slug, "folders": list(names)})


class FolderListView(APIView):
    """GET /api/folders/list."""

    required_scope = SCOPE

    @extend_schema(
        operation_id="folder_list", summary="The folders and how much is in each", tags=TAGS,
        responses=FolderListSerializer,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        principal = asked.principal_of(request)
        rows = Folder.objects.for_workspace(principal.workspace_id).annotate(held=Count("entries"))
        return Response({"workspace": principal.workspace_slug, "folders": [shown.folder(row) for row in rows]})


class DatesView(APIView):
    """GET /api/folders/dates."""

    required_scope = SCOPE

    @extend_schema(
        operation_id="folder_dates", summary="The days that have backtests", tags=TAGS, responses=DatesSerializer
    )
    def get(self, request: Request) -> Response:
        principal = asked.principal_of(request)
        rows = Result.objects.for_workspace(principal.workspace_id).order_by()
        days = rows.annotate(day=TruncDate("created_at")).values("day").annotate(count=Count("id")).order_by("-day")
        dates = [{"name": row["day"].strftime(DAY), "count": row["count"]} for row in days]
        return Response({"workspace": principal.workspace_slug, "dates": dates})


class PathsView(APIView):
    """GET /api/folders/{name}/paths."""

    required_scope = SCOPE

    @extend_schema(
        operation_id="folder_paths", summary="Where the code of a folder's strategies lies", tags=TAGS,
        responses=PathsSerializer,
    )  # fmt: skip
    def get(self, request: Request, name: str) -> Response:
        folder = asked.folder_of(request, name)
        rows = Result.objects.for_workspace(folder.workspace_id).filter(entries__folder=folder)
        found = [code_path(row) for row in rows.select_related("strategy", "idea", "run").order_by("entries__id")]
        workspace = asked.principal_of(request).workspace_slug
        return Response({"workspace": workspace, "success": True, "paths": found, "count": len(found)})


class AddView(APIView):
    """POST /api/folders/add."""

    required_scope = SCOPE

    @extend_schema(
        operation_id="add_to_folder",
        summary="Put backtests into a folder",
        description="The folder is made when there is none. What is in it already stays in it once.",
        tags=TAGS,
        request=AddSerializer,
        responses=AddedSerializer,
    )
    def post(self, request: Request) -> Response:
        body, principal = asked.body_of(request), asked.principal_of(request)
        name, results = asked.text_of(body, "folder_name"), asked.results_of(request, body)
        folder = _found_or_made(request, name)
        added = folders.add_results(folder=folder, actor=principal, results=results)
        says = f"Added {added} backtest(s) to '{folder.name}'"
        return Response({"workspace": principal.workspace_slug, "success": True, "message": says, "added": added})


class DeleteView(APIView):
    """POST /api/folders/delete."""

    required_scope = SCOPE

    @extend_schema(
        operation_id="delete_folder",
        summary="Delete a folder; its backtests stay",
        tags=TAGS,
        request=DeleteSerializer,
        responses=DoneSerializer,
    )
    def post(self, request: Request) -> Response:
        name, principal = asked.text_of(asked.body_of(request), "folder_name"), asked.principal_of(request)
        folder = asked.folder_of(request, name)
        folders.delete_folder(folder=folder, actor=principal)
        says = f"Deleted folder '{folder.name}'"
        return Response({"workspace": principal.workspace_slug, "success": True, "message": says})


def _found_or_made(request: Request, name: str) -> Folder:
    """The folder of this name, made when there is none; of two callers at once one makes it."""
    try:
        return asked.folder_of(request, name)
    except NotFound:
        pass
    try:
        return folders.create_folder(
            workspace=asked.workspace_of(request), actor=asked.principal_of(request), name=name
        )
    except Conflict:
        return asked.folder_of(request, name)
    except Invalid as error:
        raise asked.at_folder_name(error) from None
