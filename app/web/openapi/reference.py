"""Better Auth's own addresses of the docs, below the base path."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from ..endpoint import ApiRequest, Endpoint, Route
from ..http.response import JsonResponse, Response
from .schemas import Json

VIEWER: Final = Path(__file__).parent / "viewer"
PAGE: Final = (VIEWER / "index.html").read_bytes()
CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
REFERENCE = Endpoint("GET /reference")
GENERATE_SCHEMA = Endpoint("GET /open-api/generate-schema")


class ReferenceRoutes:
    """Better Auth's own addresses for the same (the openAPI plugin).

    `make_document` returns the whole document.
    """

    def __init__(self, make_document: Callable[[], Awaitable[Json]]) -> None:
        self._make_document = make_document

    def list_routes(self) -> list[Route]:
        """The endpoints and their handlers."""
        return [
            REFERENCE.with_handler(self.show_page),
            GENERATE_SCHEMA.with_handler(self.show_document),
        ]

    async def show_page(self, _request: ApiRequest) -> Response[bytes]:
        """The viewer."""
        headers = [("content-security-policy", CSP)]
        return Response(200, headers, PAGE, content_type="text/html; charset=utf-8")

    async def show_document(self, _request: ApiRequest) -> JsonResponse[Json]:
        """The OpenAPI document."""
        return JsonResponse(await self._make_document())
