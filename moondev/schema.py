"""The OpenAPI document: how it is served, and what every operation says of errors."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from moondev.lib.errors import PROBLEM_CONTENT_TYPE, Invalid

METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
PROBLEM_SCHEMA = {
    "type": "object",
    "description": "RFC 9457. Some errors add members of their own.",
    "required": ["type", "title", "status", "detail", "instance", "request_id"],
    "properties": {
        "type": {
            "type": "string",
            "description": "Where the code is explained",
            "examples": ["/docs/errors#not-found"],
        },
        "title": {"type": "string", "description": "The kind of error"},
        "status": {"type": "integer", "description": "The HTTP status"},
        "detail": {"type": "string", "description": "What is wrong with this request and how to mend it"},
        "instance": {"type": "string", "description": "The path that was asked for"},
        "request_id": {"type": "string", "description": "The same as in X-Request-Id; support asks for it"},
        "errors": {
            "type": "array",
            "description": f"With status {Invalid.status}: each value that is not acceptable",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer (RFC 6901) to the value"},
                    "detail": {"type": "string", "description": "What would be acceptable"},
                },
            },
        },
    },
}
PROBLEM_CONTENT = {PROBLEM_CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
PROBLEM_RESPONSE = {
    "description": "Any error; `type` says which",
    "content": PROBLEM_CONTENT,
    "headers": {"X-Request-Id": {"schema": {"type": "string"}, "required": True}},
}


class Schema(APIView):
    """GET /schema: JSON, or YAML with `?format=yaml` or an Accept header that asks for it."""

    public = True
    free = True
    authentication_classes = ()
    permission_classes = ()
    renderer_classes = (OpenApiJsonRenderer2, OpenApiJsonRenderer, OpenApiYamlRenderer2, OpenApiYamlRenderer)

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        """The document of this service, made once per process."""
        return Response(document(), headers={"Cache-Control": "public, max-age=60"})

    def get_renderers(self) -> list[BaseRenderer]:
        """Those of the format that the query names; all of them when it names none."""
        wanted = self.request.GET.get("format")
        fitting: list[BaseRenderer] = [kind() for kind in self.renderer_classes if wanted in (None, kind.format)]
        return fitting or [kind() for kind in self.renderer_classes]


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document of every call that this process answers."""
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return schema


def add_problems(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """drf-spectacular's last step: every operation may answer with a problem, and every error is one."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
    components.setdefault("responses", {})["Problem"] = PROBLEM_RESPONSE
    for operations in result["paths"].values():
        for operation in (operations[method] for method in METHODS & set(operations)):
            _add_problem(operation["responses"])
    return result


def _add_problem(responses: dict[str, Any]) -> None:
    for status, response in responses.items():
        if status >= "400":
            response["content"] = PROBLEM_CONTENT
    responses["default"] = {"$ref": "#/components/responses/Problem"}
