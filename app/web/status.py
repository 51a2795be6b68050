"""/ok and /error."""

import re
from collections.abc import Sequence
from functools import partial
from html import escape
from typing import Annotated, Literal

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter
from msgspec import Struct

from app.web.answer import Answer
from app.web.openapi import ALWAYS, refusals
from app.web.operations import documented

_CODE = re.compile(r"['A-Za-z0-9_-]+")
_CSP = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign-in problem</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 34rem;
  margin: 15vh auto; padding: 0 1rem }}
code {{ background: #eee; color: #111; padding: .2rem .4rem; border-radius: .25rem }}
</style>
</head>
<body>
<h1>Something went wrong</h1>
<p>{description}</p>
<p>Error code: <code>{code}</code></p>
</body>
</html>
"""
_APOLOGY = "The request could not be completed. Go back and try again."


class Ok(Struct, frozen=True):
    ok: Literal[True]


def status_handlers() -> Sequence[HTTPRouteHandler]:
    """The routes, relative to the base path."""
    return [_ok()(ok), _error()(error)]


async def ok() -> Answer[Ok]:
    """Says that the server answers; touches no database."""
    return Answer(Ok(ok=True))


async def error(
    code: Annotated[str, QueryParameter(name="error", description="What happened.")] = "UNKNOWN",
    description: Annotated[str, QueryParameter(name="error_description")] = "",
) -> Response[str]:
    """The page that a failed redirect ends on."""
    shown = code if _CODE.fullmatch(code) else "UNKNOWN"
    page = _PAGE.format(code=escape(shown), description=escape(description or _APOLOGY))
    headers = {"content-type": "text/html", "content-security-policy": _CSP}
    return Response(page, media_type="text/html", headers=headers)


_ok = partial(
    get,
    "/ok",
    operation_class=documented(answers={"Up": Ok(ok=True)}),
    operation_id="ok",
    tags=["Status"],
    summary="Is it up?",
    responses=refusals(*ALWAYS[:1]),
)
_error = partial(
    get,
    "/error",
    operation_class=documented(answers={"Page": "<!doctype html>…"}),
    media_type="text/html",
    operation_id="error",
    tags=["Status"],
    summary="The error page",
    responses=refusals(*ALWAYS[:1]),
)
