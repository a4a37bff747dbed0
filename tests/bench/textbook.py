"""The textbook gateway's two views: the plan from the database, the file from the cache."""

from __future__ import annotations

import csv
import io

from django.core.cache import cache
from django.http import HttpResponse
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Member
from billing import limits

FILE_SECONDS = 60
COLUMNS = ("symbol", "side", "price", "quantity", "usd_size", "time")


class Whoami(APIView):
    """The caller's plan, read with the ORM."""

    def get(self, request: Request) -> Response:
        member = Member.objects.select_related("workspace").get(user=request.user)
        terms = limits.terms_of(member.workspace)
        numbers = terms.limits()
        return Response(
            {
                "plan": terms.plan,
                "limit_per_min": terms.requests_per_minute,
                "limits": numbers,
                "features": numbers["features"],
                "workspace": member.workspace.slug,
            }
        )


class File(APIView):
    """The last rows as CSV, kept in the cache for a minute."""

    def get(self, request: Request, name: str) -> HttpResponse:
        rows = int(request.query_params.get("limit", 100))
        body = cache.get(f"file:{name}:{rows}")
        if body is None:
            body = as_csv(rows)
            cache.set(f"file:{name}:{rows}", body, FILE_SECONDS)
        return HttpResponse(body, content_type="text/csv")


def as_csv(rows: int) -> str:
    """Rows of about the size of the real file's."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(("BTC", "SELL", 60_000.5, 0.012, 720.0, 1_760_000_000_000 + row) for row in range(rows))
    return text.getvalue()


urlpatterns = [path("whoami", Whoami.as_view()), path("files/<str:name>", File.as_view())]
