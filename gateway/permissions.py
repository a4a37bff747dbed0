"""What Django REST framework asks before a view runs. The gate has asked before; this holds where it does not stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.staff.entry import may_see
from billing.principal import Principal
from gateway.gate.refusals import no_credentials
from moondev.lib.errors import Forbidden
from moondev.lib.operator import has_operator_token

if TYPE_CHECKING:
    # Django REST framework loads this module while it loads its own views.
    from rest_framework.views import APIView


class HasScope(BasePermission):
    """The view's `required_scope`, any key where it names none, and nobody at all where it is `public`."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """True, or raises 401 or 403."""
        if getattr(view, "public", False):
            return True
        if is_operator(request, getattr(view, "staff_permission", None)):
            return True
        principal = cast(Principal | None, request.auth)
        if principal is None:
            raise no_credentials()
        scope: str | None = getattr(view, "required_scope", None)
        if scope is not None and not principal.may(scope):
            raise Forbidden(f"This API key lacks the scope `{scope}`.", {"scope": scope})
        return True


def is_operator(request: Request, permission: str | None) -> bool:
    """The operator's token, or a session of staff with the view's `staff_permission`; never a key, whoever made it."""
    if permission is None:
        return False
    return has_operator_token(request._request) or may_see(request._request, [permission])
