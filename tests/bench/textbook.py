"""The textbook gateway: limits by plan with DRF's throttle; whoami from the database, the file from the cache."""

from __future__ import annotations

import csv
import io

from django.core.cache import cache
from django.http import HttpResponse
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import UserRateThrottle
from rest_framework.views import APIView

from accounts.models import Member
from billing import limits

FILE_SECONDS = 60
COLUMNS = ("symbol", "side", "price", "quantity", "usd_size", "time")


class PlanThrottle(UserRateThrottle):
    """DRF's throttle at the rate of the caller's plan, which is read with the ORM as everything else is."""

    rate = "60/min"

    def allow_request(self, request: Request, view: APIView) -> bool:
        terms = limits.terms_of(Member.objects.get(user=request.user.pk).workspace_id)
        self.num_requests, self.duration = terms.requests_per_minute, 60
        return bool(super().allow_request(request, view))


class Whoami(APIView):
    """The caller's plan, read with the ORM."""

    throttle_classes = (PlanThrottle,)

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

    throttle_classes = (PlanThrottle,)

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
