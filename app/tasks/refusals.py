"""The refusals of the task API, for clients of Better Auth and of FastAPI."""

import re
from collections.abc import Mapping, Sequence
from enum import Enum

from msgspec import Struct

from ..bridge import BridgeError, InvalidToken
from ..models.errors import Refusal

AnyRefusal = type[Refusal] | type[BridgeError]

_PLACE = re.compile(r"(?P<msg>.*) - at `(?:key in )?\$(?P<path>.*)`", re.DOTALL)
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")


class Fault(Struct, frozen=True):
    """One thing wrong with a request, where FastAPI's clients look for it."""

    loc: list[str | int]
    msg: str


class TaskError(Struct, frozen=True):
    """Why a request was refused; `detail` is text, or with status 422 a list of faults."""

    code: str
    message: str
    detail: str | list[Fault]


class InvalidRequest(Refusal):
    status, code, message = 422, "VALIDATION_ERROR", "The request is not valid, see detail"


class TaskNotFound(Refusal):
    """No such task, or another user's: the answer does not tell which."""

    status, code, message = 404, "TASK_NOT_FOUND", "There is no such task"


def describe_refusal(refusal: Refusal) -> TaskError:
    """Returns the body of a refusal."""
    return TaskError(refusal.code or "REFUSED", refusal.message, refusal.message)


def describe_invalid_request(faults: list[Fault]) -> TaskError:
    """Returns the body of a 422."""
    return TaskError(str(InvalidRequest.code), InvalidRequest.message, faults)


def read_body_fault(message: str) -> Fault:
    """Reads msgspec's message, for example ``Expected `str`, got `int` - at `$.title` ``."""
    place = _PLACE.fullmatch(message)
    if place is None:
        return Fault(["body"], message)
    steps = [name or int(index) for name, index in _STEP.findall(place["path"])]
    return Fault(["body", *steps], place["msg"])


def read_parameter_faults(reported: Sequence[Mapping[str, object]]) -> list[Fault]:
    """Returns the faults of parameters, as Litestar reports them."""
    return [
        Fault([_read_source(each), str(each["key"])], str(each["message"])) for each in reported
    ]


def build_example(kind: AnyRefusal) -> dict[str, object]:
    """Returns an example body of a refusal, for OpenAPI."""
    detail: object = kind.message
    if kind is InvalidToken:
        detail = "token expired"
    if kind is InvalidRequest:
        detail = [{"loc": ["body", "title"], "msg": "Expected `str`, got `int`"}]
    return {"code": kind.code, "message": kind.message, "detail": detail}


def _read_source(fault: Mapping[str, object]) -> str:
    source = fault.get("source", "body")
    return str(source.value if isinstance(source, Enum) else source)
