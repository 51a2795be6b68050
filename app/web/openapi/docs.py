"""The page that shows the API. All its files come from this server."""

from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from litestar import MediaType, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, Reference, SecurityScheme, Server, Tag
from litestar.response import Redirect

from ... import __version__
from ...settings.settings import Settings
from ..litestar_handlers import AnyRequest
from .reference import CSP, PAGE, VIEWER
from .schemas import Json

_DESCRIPTION = """\
The server side of Better Auth in Python: users sign up and sign in with email and password, and
your own APIs verify their access tokens.

To try it at `/docs`:

1. **Sign up**. The browser keeps the session cookie.
2. **Get an access token**. The page puts it in under *Authorize*, until you sign out.
3. **Make a task**, **List tasks**: they take nothing but that token.

Open the page at the server's own address (`BETTER_AUTH_URL`): a request with cookies from any
other place is refused with `INVALID_ORIGIN`. Each answer and its log line have an `X-Request-Id`.
"""
_TAGS = {
    "Users": "Sign up and sign in.",
    "Accounts": "What the caller can sign in with.",
    "Sessions": "Who is signed in.",
    "Tokens": "Access tokens for your APIs, and the keys that verify them.",
    "Tasks": "A to-do list per user: a sample API that trusts nothing but the access token.",
    "Status": "Is the server up?",
}


class WholeDocument(JsonRenderPlugin):
    """Serves the document at `/schema/openapi.json`.

    `complete` adds to Litestar's part what the endpoints' declarations say.
    """

    def __init__(self, complete: Callable[[Json], Json]) -> None:
        super().__init__(path="/openapi.json")
        self._complete = complete

    def render(self, request: AnyRequest, openapi_schema: Json) -> bytes:
        return super().render(request, self._complete(openapi_schema))


def make_openapi_config(
    settings: Settings, complete: Callable[[Json], Json], tags_of_plugins: Mapping[str, str]
) -> OpenAPIConfig:
    """Returns what the document says of the whole. Tags are names with a description."""
    return OpenAPIConfig(
        title="Better Auth in Python",
        version=__version__,
        description=_DESCRIPTION,
        use_handler_docstrings=True,
        path="/schema",
        render_plugins=[WholeDocument(complete)],
        servers=[Server(url="/", description="This server")],
        tags=[Tag(name, text) for name, text in {**_TAGS, **tags_of_plugins}.items()],
        components=Components(security_schemes=_make_schemes(settings)),
    )


def list_viewer_handlers() -> Sequence[HTTPRouteHandler]:
    """Returns the handlers of `/docs` and its files. `/` redirects there."""
    return [
        get("/", include_in_schema=False)(redirect_to_docs),
        get("/docs", include_in_schema=False)(show_page),
        *map(_make_asset_handler, _list_assets()),
    ]


async def redirect_to_docs() -> Redirect:
    """Redirects the root to the docs."""
    return Redirect("/docs")


async def show_page() -> Response[bytes]:
    """The viewer."""
    headers = {"content-security-policy": CSP}
    return Response(PAGE, media_type=MediaType.HTML, headers=headers)


def _make_asset_handler(file: Path) -> HTTPRouteHandler:
    media_type = _MEDIA_TYPES[file.suffix]
    content = file.read_bytes()

    async def send_asset() -> Response[bytes]:
        headers = {"cache-control": "public, max-age=3600"}
        return Response(content, media_type=media_type, headers=headers)

    return get(f"/docs/{file.name}", include_in_schema=False)(send_asset)


def _list_assets() -> list[Path]:
    """Finds our files and Swagger UI's, without importing that package."""
    package = find_spec("swagger_ui")
    assert package is not None
    assert package.submodule_search_locations is not None
    static = Path(package.submodule_search_locations[0]) / "static"
    return [VIEWER / "start.js", *(static / name for name in _SWAGGER_FILES)]


def describe_schemes(settings: Settings) -> dict[str, Json]:
    """Returns the security schemes of the endpoints, as the document has them."""
    return {name: scheme.to_schema() for name, scheme in _make_schemes(settings).items()}


def _make_schemes(settings: Settings) -> dict[str, SecurityScheme | Reference]:
    secure = "__Secure-" if settings.secure_cookies else ""
    cookie = f"{secure}{settings.advanced.cookie_prefix}.session_token"
    return {
        "bearerAuth": SecurityScheme(
            type="http",
            scheme="bearer",
            bearer_format="JWT",
            description="An access token of `/token` for the task API; a session token elsewhere.",
        ),
        "sessionCookie": SecurityScheme(
            type="apiKey",
            name=cookie,
            security_scheme_in="cookie",
            description="Set by sign-up and sign-in; a browser sends it by itself.",
        ),
    }


_SWAGGER_FILES = ("swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png")
_MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".png": "image/png"}
