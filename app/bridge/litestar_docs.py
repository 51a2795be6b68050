"""The bridge in Litestar's docs: the padlock, and the refusals."""

from dataclasses import dataclass
from typing import Final

from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Components, SecurityScheme

from .configuration import find_cookie_name
from .errors import BridgeError, ForbiddenUser, InvalidToken, Unavailable

_PADLOCK: Final = "bearerAuth"


@dataclass(frozen=True, slots=True)
class Refusal:
    """The body of a refusal: `message` for people, `code` for programs."""

    code: str
    message: str
    detail: str


def build_padlock() -> Components:
    """Returns the kind of the required credentials."""
    scheme = SecurityScheme(type="http", scheme="bearer", bearer_format="JWT")
    if (name := find_cookie_name()) is not None:
        scheme = SecurityScheme(type="apiKey", name=name, security_scheme_in="cookie")
    return Components(security_schemes={_PADLOCK: scheme})


def describe(handler: HTTPRouteHandler, *, own_path: bool) -> None:
    """Adds the refusals to the docs of a guarded handler. Its own responses stay."""
    kinds = (InvalidToken, *((ForbiddenUser,) if own_path else ()), Unavailable)
    handler.responses = {
        **{kind.status: _describe_response(kind) for kind in kinds},
        **_copy_responses(handler),
    }
    handler.security = [*(handler.security or ()), {_PADLOCK: []}]


def _copy_responses(handler: HTTPRouteHandler) -> dict[int, ResponseSpec]:
    return dict(handler.responses or {})


def _describe_response(kind: type[BridgeError]) -> ResponseSpec:
    return ResponseSpec(Refusal, generate_examples=False, description=kind.message)
