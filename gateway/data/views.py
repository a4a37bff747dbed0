"""The data API: files of the catalogue and the copybot's two lists.

The views answer before Django REST framework's own machinery starts; it is there for the schema and for other methods.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponseBase
from drf_spectacular.utils import extend_schema
from psycopg_pool import PoolTimeout
from rest_framework.views import APIView

from gateway.data import schema
from gateway.data.answers import answer
from gateway.data.asked import ask
from gateway.data.query import read_query
from gateway.gate.refusals import no_credentials
from gateway.gate.visit import GatedRequest
from marketdata.catalogue import COPYBOT, FILES, Feed
from moondev.lib.errors import Forbidden, NotFound, Unavailable

DOWNLOADS: Mapping[str, Feed] = {"liquidations": FILES["liq_data.csv"], "oi": FILES["oi.csv"]}
AWAY = (OperationalError, InterfaceError, PoolTimeout)


class CatalogueView(APIView):
    """GET and HEAD of one file by its exact name."""

    required_scope = "data"
    catalogue: Mapping[str, Feed] = {}

    def dispatch(self, request: HttpRequest, *args: str, **kwargs: str) -> HttpResponseBase:
        if request.method in ("GET", "HEAD"):
            return self._serve(cast(GatedRequest, request), kwargs["name"])
        return super().dispatch(request, *args, **kwargs)

    def _serve(self, request: GatedRequest, name: str) -> HttpResponseBase:
        principal = request.auth
        if principal is None:
            raise no_credentials()
        if not principal.may(self.required_scope):
            raise Forbidden(f"This API key lacks the scope `{self.required_scope}`.", {"scope": self.required_scope})
        feed = self.catalogue.get(name)
        if feed is None:
            raise NotFound(f"There is no such file. There are {', '.join(self.catalogue)}.")
        query = read_query(request.GET)
        try:
            return answer(request, ask(feed, query, principal.terms))
        except AWAY as error:
            detail = "The data cannot be read at the moment. Try again in a few seconds."
            raise Unavailable(detail, headers={"Retry-After": "5"}) from error


class FileView(CatalogueView):
    """GET /files/{name}."""

    catalogue = FILES

    @extend_schema(operation_id="file", summary="A file of market data", **schema.described(FILES))
    def get(self, request: HttpRequest, name: str) -> HttpResponseBase:
        return self.dispatch(request, name=name)


class DownloadView(CatalogueView):
    """GET /download/{name}: two of the files under the names that the dashboard has for them."""

    catalogue = DOWNLOADS

    @extend_schema(operation_id="download", summary="A file of market data", **schema.described(DOWNLOADS))
    def get(self, request: HttpRequest, name: str) -> HttpResponseBase:
        return self.dispatch(request, name=name)


class CopybotView(CatalogueView):
    """GET /copybot/data/{name}."""

    catalogue = COPYBOT

    @extend_schema(operation_id="copybot", summary="Wallets followed and what they trade", **schema.described(COPYBOT))
    def get(self, request: HttpRequest, name: str) -> HttpResponseBase:
        return self.dispatch(request, name=name)
