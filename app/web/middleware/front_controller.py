"""Answers the requests below the base path, and leaves all others to another application.

It checks path, rate, media type, body and origin, in the order of the original. No framework routes
them, so none adds its own behavior (405, HEAD, trailing slashes, decoded paths). Source:
better-call 1.4.5 `createRouter`, Better Auth 1.7.25 `auth/base`, `onRequestRateLimit`,
`originCheckMiddleware`.
"""

from msgspec import Struct

from ...models.errors import BodyTooLarge, MalformedJson, Refusal, TooManyRequests
from ...models.records import Client
from ...models.telemetry.log_context import note_client
from ...settings.settings import Settings
from ..endpoint import AnyEndpoint, Route
from ..http.asgi import App, Receive, Scope, Send, respond
from ..http.client import ForwardingNotice, identify_client
from ..http.headers import Headers
from ..http.refusals import render_refusal
from ..input.parsed_body import NO_BODY, ParsedBody, parse_body
from ..input.query import parse_query
from ..origins.callback_url import check_callback_urls
from ..origins.checks import OriginSwitches
from ..origins.csrf import refuse_foreign_cookie_request
from ..origins.trusted_origins import TrustedOrigins
from ..rate_rule import RateLimits
from ..request_context import RequestContext, set_request_context
from ..urls.paths import find_route_path, get_limiter_path, normalize_path
from .rate_limit import RateLimiter
from .route_table import RouteTable

MAX_BODY = 1024 * 1024  # bytes
_PLAIN_TYPE = (b"content-type", b"text/plain;charset=UTF-8")


class FrontDependencies(Struct, frozen=True):
    """The dependencies of the front controller: trusted origins, notice, rate limits."""

    trusted: TrustedOrigins
    notice: ForwardingNotice
    limits: RateLimits | None = None


class FrontController:
    """The front controller. Paths below the base path without a route get an empty 404.

    `others` is called for all other paths.
    """

    def __init__(
        self,
        others: App,
        routes: RouteTable,
        settings: Settings,
        dependencies: FrontDependencies,
    ) -> None:
        self._others = others
        self._routes = routes
        self._base = settings.auth_path
        self._addresses = settings.advanced.ip_address
        limits = None if self._addresses.disable_ip_tracking else dependencies.limits
        options = settings.rate_limit
        self._limiter = None if limits is None else RateLimiter(options, routes, limits)
        self._disabled = frozenset(settings.disabled_paths)
        self._skips_slash = settings.advanced.skip_trailing_slashes
        self._switches = OriginSwitches(settings.advanced)
        self._trusted = dependencies.trusted
        self._notice = dependencies.notice

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._others(scope, receive, send)
            return
        pathname = normalize_path(scope["raw_path"])
        path = find_route_path(pathname, self._base, skip_slash=self._skips_slash)
        if path is None and not self._is_disguised(scope["path"]):
            await self._others(scope, receive, send)
            return
        template = None if path is None else self._routes.find_template(path)
        if template is not None:  # for the request log, should this end here
            scope["path_template"] = f"{self._base}{template}"
        counted = get_limiter_path(pathname, self._base)
        if counted in self._disabled:
            await respond(send, 404, [_PLAIN_TYPE], b"Not Found")
            return
        try:
            route = await self._check(scope, receive, counted, path)
        except Refusal as refusal:
            await render_refusal(refusal).send(send)
            return
        if route is None:
            await respond(send, 404, [])
        else:
            scope["path_template"] = f"{self._base}{route.endpoint.path}"
            await (await route.respond(scope)).send(send)

    async def _check(
        self, scope: Scope, receive: Receive, counted: str, path: str | None
    ) -> Route | None:
        """The route that answers, which finds the request's context; None for a bare 404.

        `counted` is the path that limits count by, `path` the one that routes are found by.
        Raises Refusal.
        """
        headers = Headers(scope["headers"])
        client = self._identify_client(scope, headers)
        await self._limit(client, counted)
        method = scope["method"]
        route = None if path is None else self._routes.find(path, method)
        if route is None or path is None:
            return None
        checks, document = self._switches.get_checks(counted), NO_BODY
        if method != "GET":
            document = await _read_body(route.endpoint, receive, headers)
            if checks.origins:
                refuse_foreign_cookie_request(method, headers, self._trusted)
            if checks.urls:
                self._check_urls(document, scope["query_string"])
        context = RequestContext(path, client, headers, document, self._trusted, checks)
        set_request_context(scope, context)
        return route

    def _identify_client(self, scope: Scope, headers: Headers) -> Client:
        peer = scope["client"][0] if scope.get("client") else None
        self._notice.observe(peer, headers, self._addresses)
        client = identify_client(peer, headers, self._addresses)
        note_client(client)
        return client

    async def _limit(self, client: Client, path: str) -> None:
        if self._limiter is None:
            return
        retry_after = await self._limiter.hit(client.ip, path)
        if retry_after is not None:
            raise TooManyRequests([("x-retry-after", str(retry_after))])

    def _check_urls(self, document: ParsedBody, query_string: bytes) -> None:
        body = document.value if isinstance(document.value, dict) else {}
        check_callback_urls(body, parse_query(query_string), self._trusted)

    def _is_disguised(self, decoded: str) -> bool:
        """Whether a framework that decodes and normalizes paths would find one below the base."""
        tidy = "/" + "/".join(filter(None, decoded.replace("\\", "/").split("/")))
        return (tidy + "/").startswith(self._base + "/")


async def _read_body(endpoint: AnyEndpoint, receive: Receive, headers: Headers) -> ParsedBody:
    """The body. Raises what `parse_body` does, and BodyTooLarge."""
    if endpoint.ignores_body:
        return NO_BODY
    body, content_type = await _read_whole(receive, headers), headers.get(b"content-type")
    return parse_body(
        content_type,
        body,
        form_allowed=endpoint.accepts_form,
        nested=endpoint.accepts_nested,
    )


async def _read_whole(receive: Receive, headers: Headers) -> bytes:
    """Reads the whole body. Raises BodyTooLarge, early if the length is declared."""
    declared = headers.get(b"content-length") or "0"
    if declared.isdecimal() and int(declared) > MAX_BODY:
        raise BodyTooLarge
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise MalformedJson  # to nobody: what came of the body must not be taken for all of it
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MAX_BODY:
            raise BodyTooLarge
    return bytes(body)
