"""/ok and /error."""

import re
from typing import Annotated, ClassVar, Final, Literal

from msgspec import UNSET, Meta, Struct, field

from ..web.endpoint import ApiRequest, Endpoint, Route
from ..web.http.error_page import render_error_page
from ..web.http.location import make_location, with_parameter
from ..web.http.response import JsonResponse, Response
from ..web.input.validation import WireQuery

_CODE: Final = re.compile(r"['A-Za-z0-9_-]+")
_CSP: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
)
_TEXT: Final = Meta(extra_json_schema={"type": "string"})


class Ok(Struct, frozen=True):
    """The response of `/ok`."""

    ok: Literal[True]


class ErrorQuery(WireQuery, frozen=True):
    """Of a parameter that is repeated the first counts."""

    is_refused: ClassVar[bool] = False

    error: Annotated[object, _TEXT, Meta(description="What happened.")] = UNSET
    description: Annotated[object, _TEXT] = field(default=UNSET, name="error_description")


OK = Endpoint(
    "GET /ok",
    name="ok",
    tag="Status",
    summary="Is the server up?",
    is_often_asked=True,
    responses={"Up": Ok(ok=True)},
)
ERROR = Endpoint(
    "GET /error",
    name="error",
    tag="Status",
    summary="The error page",
    query=ErrorQuery,
    responses={"Page": "<!doctype html>…"},
    media_type="text/html",
    redirects=True,
)


class StatusRoutes:
    """`error_url` is `onAPIError.errorURL`; where it is None, the page leads to `home`."""

    def __init__(self, error_url: str | None, home: str) -> None:
        self._error_url = error_url
        self._home = home

    def list_routes(self) -> list[Route]:
        """The endpoints and their handlers."""
        return [OK.with_handler(self.report_ok), ERROR.with_handler(self.show_error)]

    async def report_ok(self, _request: ApiRequest) -> JsonResponse[Ok]:
        """Says that the server answers; of the stores only that of the rate limits is asked."""
        return JsonResponse(Ok(ok=True))

    async def show_error(self, request: ApiRequest[None, None, ErrorQuery]) -> Response[str]:
        """The page that a failed redirect ends on, or the one that is set in its place."""
        code, description = _read_first(request.query.error), _read_first(request.query.description)
        shown = code if _CODE.fullmatch(code) else "UNKNOWN"
        if self._error_url is not None:
            # The original gives this one redirect no type.
            return Response(302, [make_location(_extend(self._error_url, shown, description))])
        page = render_error_page(shown, description, self._home).encode()
        headers = [("content-security-policy", _CSP)]
        return Response(200, headers, page, content_type="text/html")


def _read_first(value: object) -> str:
    return str(value[0] if isinstance(value, list) else value or "")


def _extend(url: str, code: str, description: str) -> str:
    url = with_parameter(url, "error", code)
    return with_parameter(url, "error_description", description) if description else url
