"""/ok and /error."""

import re
from typing import Annotated, ClassVar, Final, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, field

from ..settings.settings import Settings
from ..web.endpoint import ApiRequest, Endpoint, Route
from ..web.http.client import find_ignored_header, identify_client
from ..web.http.error_page import render_error_page
from ..web.http.headers import Headers
from ..web.http.location import make_location, with_parameter
from ..web.http.response import JsonResponse, Response
from ..web.input.validation import WireQuery
from .crypto.doctor_tokens import SEEN_HEADER, TOKEN_HEADER, SeenClient, is_doctor_token

_TOKEN: Final = TOKEN_HEADER.encode()
_LONGEST: Final = 200  # characters of a header
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
    """Where `onAPIError.errorURL` is not set, the error page leads to `home`."""

    def __init__(self, settings: Settings, home: str) -> None:
        self._error_url = settings.on_api_error.error_url
        self._home = home
        self._secrets = settings.current_and_former_secrets
        self._addresses = settings.advanced.ip_address

    def list_routes(self) -> list[Route]:
        """The endpoints and their handlers."""
        return [OK.with_handler(self.report_ok), ERROR.with_handler(self.show_error)]

    async def report_ok(self, request: ApiRequest) -> JsonResponse[Ok]:
        """Says that the server answers; of the stores only that of the rate limits is asked."""
        token = request.headers.get(_TOKEN)
        if token is None or not is_doctor_token(token, self._secrets, request.now):
            return JsonResponse(Ok(ok=True))
        seen = msgspec.json.encode(self._describe_client(request)).decode()
        return JsonResponse(Ok(ok=True), [(SEEN_HEADER, seen)])

    def _describe_client(self, request: ApiRequest) -> SeenClient:
        peer = request.scope["client"][0] if request.scope.get("client") else None
        ignored = find_ignored_header(peer, request.headers, self._addresses)
        alone = identify_client(peer, Headers(()), self._addresses)
        sent = (request.headers.get(name.encode()) for name in self._addresses.ip_address_headers)
        forwarded = next((value[:_LONGEST] for value in sent if value is not None), None)
        return SeenClient(request.client.ip, alone.ip, forwarded, ignored)

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
