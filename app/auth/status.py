"""/ok and /error."""

import re
from collections.abc import Sequence
from functools import partial
from typing import Annotated, Literal

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse
from msgspec import UNSET, Meta, Struct, UnsetType, field

from ..models.additional_fields import Json
from ..web.http.error_page import error_page
from ..web.http.location import with_parameter
from ..web.http.response import Answer, AnyRequest, Redirect
from ..web.input.validation import WireQuery
from ..web.input.wire_query import parse_query
from ..web.openapi.operations import documented
from ..web.openapi.schemas import ALWAYS, REDIRECT, refusals
from ..web.route_group import RouteGroup

_CODE = re.compile(r"['A-Za-z0-9_-]+")
_CSP = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"


class Ok(Struct, frozen=True):
    ok: Literal[True]


class ErrorQuery(WireQuery, frozen=True):
    error: Annotated[str, Meta(description="What happened.")] | UnsetType = UNSET
    description: str | UnsetType = field(default=UNSET, name="error_description")


class StatusRoutes(RouteGroup):
    """`error_url` is `onAPIError.errorURL`; where it is None, the page leads to `home`."""

    def __init__(self, error_url: str | None, home: str) -> None:
        self._error_url = error_url
        self._home = home

    def handlers(self) -> Sequence[HTTPRouteHandler]:
        """The routes, relative to the base path."""
        return [_ok()(self.ok), _error()(self.error)]

    async def ok(self) -> Answer[Ok]:
        """Says that the server answers; of the stores only that of the rate limits is asked."""
        return Answer(Ok(ok=True))

    async def error(self, request: AnyRequest) -> Response[str]:
        """The page that a failed redirect ends on, or the one that is set in its place."""
        given = parse_query(request.scope["query_string"])
        code, description = _first(given.get("error")), _first(given.get("error_description"))
        shown = code if _CODE.fullmatch(code) else "UNKNOWN"
        if self._error_url is not None:
            return _sent_on(self._error_url, shown, description)
        page = error_page(shown, description, self._home)
        headers = {"content-type": "text/html", "content-security-policy": _CSP}
        return Response(page, media_type="text/html", headers=headers)


def _first(value: Json) -> str:
    return str(value[0] if isinstance(value, list) else value or "")


class _Untyped(Redirect[str]):
    """A redirect without media type, as in the original."""

    def to_asgi_response(
        self, app: object, request: AnyRequest, **_defaults: object
    ) -> ASGIResponse:
        response = super().to_asgi_response(app, request)
        del response.headers["content-type"]
        return response


def _sent_on(url: str, code: str, description: str) -> Redirect[str]:
    url = with_parameter(url, "error", code)
    return _Untyped(with_parameter(url, "error_description", description) if description else url)


_ok = partial(
    get,
    "/ok",
    operation_class=documented(answers={"Up": Ok(ok=True)}),
    operation_id="ok",
    tags=["Status"],
    summary="Is it up?",
    responses=refusals(*ALWAYS),
)
_error = partial(
    get,
    "/error",
    operation_class=documented(answers={"Page": "<!doctype html>…"}, query=ErrorQuery),
    media_type="text/html",
    operation_id="error",
    tags=["Status"],
    summary="The error page",
    responses={**REDIRECT, **refusals(*ALWAYS)},
)
