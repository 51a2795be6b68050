"""How the routes are described: refusals as documented answers, and the document's own settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example, Operation, RequestBody, SecurityRequirement

from app.errors import (
    BodyTooLarge,
    InvalidCallbackUrl,
    InvalidOrigin,
    MalformedJson,
    MissingOrNullOrigin,
    Refusal,
    StoreUnavailable,
    TooManyRequests,
    UnsupportedMediaType,
)
from app.web.error_body import Error

SIGNED_IN: list[SecurityRequirement] = [{"sessionCookie": []}, {"bearerAuth": []}]
ALWAYS: tuple[type[Refusal], ...] = (TooManyRequests, StoreUnavailable)
ON_POST: tuple[type[Refusal], ...] = (
    MalformedJson,
    UnsupportedMediaType,
    BodyTooLarge,
    InvalidOrigin,
    MissingOrNullOrigin,
    InvalidCallbackUrl,
    *ALWAYS,
)


@dataclass
class BodyOptional(Operation):
    """An operation that needs no body, which Litestar would always call required."""

    def __post_init__(self) -> None:
        if isinstance(self.request_body, RequestBody):
            self.request_body.required = False


def refusals(*kinds: type[Refusal]) -> Mapping[int, ResponseSpec]:
    """The answers that an operation gives instead of its own, with each refusal as an example."""
    by_status: dict[int, list[type[Refusal]]] = {}
    for kind in kinds:
        by_status.setdefault(kind.status, []).append(kind)
    return {status: _spec(same) for status, same in sorted(by_status.items())}


def _spec(kinds: Sequence[type[Refusal]]) -> ResponseSpec:
    return ResponseSpec(
        data_container=Error,
        generate_examples=False,
        description=", ".join(kind.code or kind.message for kind in kinds),
        examples=[
            Example(id=kind.__name__, summary=kind.message, value=_example(kind)) for kind in kinds
        ],
    )


def _example(kind: type[Refusal]) -> dict[str, str]:
    code = {} if kind.code is None else {"code": kind.code}
    return {"message": kind.message, **code}
