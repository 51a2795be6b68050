"""A request body as JavaScript would read it: lenient about bytes, strict about grammar."""

import json
from urllib.parse import parse_qsl

import msgspec
from msgspec import UNSET, Struct, UnsetType

from app.errors import MalformedJson, UnsupportedMediaType

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


class Document(Struct, frozen=True):
    """The parsed body (`UNSET`: there is none) and clean JSON that a strict reader accepts."""

    value: Json | UnsetType
    encoded: bytes


ABSENT = Document(UNSET, b"")


def read_document(content_type: str | None, body: bytes, *, form_allowed: bool) -> Document:
    """Parse a body by its media type.

    As the original's Node adapter does, a body without a Content-Type counts as absent.
    Raises UnsupportedMediaType and MalformedJson.
    """
    if not body or not content_type:
        return ABSENT
    allowed = (FORM, JSON) if form_allowed else (JSON,)
    media_type = content_type.split(";", 1)[0].strip().lower()
    if not any(kind in media_type for kind in allowed):
        raise UnsupportedMediaType(
            f'Content-Type "{content_type}" is not allowed. Allowed types: {", ".join(allowed)}'
        )
    return _form(body) if JSON not in media_type else _json(body)


def _form(body: bytes) -> Document:
    pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    fields: dict[str, Json] = dict(pairs)
    return Document(fields, msgspec.json.encode(fields))


def _json(body: bytes) -> Document:
    """Encoded anew, because of a key that is there twice only the last value counts."""
    try:
        value = msgspec.json.decode(body)
        return Document(value, msgspec.json.encode(value))
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        value = _lenient(body)
        return Document(value, msgspec.json.encode(value))


def _lenient(body: bytes) -> Json:
    """What `JSON.parse` gives of the decoded text; BOM, bad UTF-8, lone surrogates are mended."""
    text = body.decode("utf-8", "replace").removeprefix("\ufeff")
    try:
        parsed = json.loads(text, parse_int=float, parse_constant=_refuse_constant)
        return _well_formed(parsed)
    except (ValueError, RecursionError):
        raise MalformedJson from None


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _well_formed(value: Json) -> Json:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_well_formed(item) for item in value]
    if isinstance(value, dict):
        return {str(_well_formed(key)): _well_formed(item) for key, item in value.items()}
    return value
