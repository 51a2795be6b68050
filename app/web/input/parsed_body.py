"""Parses a request body like JavaScript: lenient with bytes, strict with grammar."""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from ...models.additional_fields import Json
from ...models.errors import MalformedJson, TooManyFields, UnsupportedMediaType

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MAX_NESTED = 16 * 1024  # bytes of a body whose lists and objects inside are built, too
MAX_FIELDS = 1000  # no form or object that means anything has more, and each one costs


class ParsedBody(Struct, frozen=True):
    """The parsed body; `UNSET` where there is none.

    Nested lists and objects are present but empty, because only additional fields can contain them:
    `field` parses them.
    """

    value: Json | UnsetType
    nested: Mapping[str, bytes] = {}

    def read_fields(self, names: Iterable[str]) -> dict[str, Json]:
        """Returns these fields of the body, completely parsed. Raises MalformedJson."""
        fields = self.value if isinstance(self.value, dict) else {}
        return {name: self._read_whole(name, fields[name]) for name in names if name in fields}

    def _read_whole(self, name: str, value: Json) -> Json:
        if name not in self.nested:
            return value
        try:
            whole: Json = _WHOLE.decode(self.nested[name])
        except _FAULTS:  # deeper than it can be built
            raise MalformedJson from None
        return whole


NO_BODY = ParsedBody(UNSET)

# These check the grammar at every depth, but build nothing below the first.
_WHOLE = msgspec.json.Decoder()
_ANYTHING = msgspec.json.Decoder(Raw)
_FIELDS = msgspec.json.Decoder(dict[str, Raw])
_FAULTS = (msgspec.DecodeError, RecursionError, UnicodeError)
# The odd backslash is matched first: a search for one character is the fastest.
_SURROGATE = re.compile(
    r"\\(?<!\\\\)(?P<before>(?:\\\\)*+)u[dD]"
    r"(?:[89abAB][0-9a-fA-F]{2}(?P<low>\\u[dD][c-fC-F][0-9a-fA-F]{2})?|[c-fC-F][0-9a-fA-F]{2})"
)


def parse_body(
    content_type: str | None, body: bytes, *, form_allowed: bool, nested: bool = False
) -> ParsedBody:
    """Parses a body by its media type. With `nested`, also nested values of a small body.

    A body without Content-Type counts as absent, as in the original's Node adapter. Raises
    UnsupportedMediaType, MalformedJson and TooManyFields.
    """
    if not body or not content_type:
        return NO_BODY
    allowed = (FORM, JSON) if form_allowed else (JSON,)
    media_type = content_type.split(";", 1)[0].strip().lower()
    if media_type not in allowed:
        raise UnsupportedMediaType(
            f'Content-Type "{content_type}" is not allowed. Allowed types: {", ".join(allowed)}'
        )
    if media_type != JSON:
        return _parse_form(body)
    document = _parse_json(body)
    return _build_nested(document) if nested and len(body) <= MAX_NESTED else document


def _build_nested(document: ParsedBody) -> ParsedBody:
    if not document.nested:
        return document
    fields = document.read_fields(document.value if isinstance(document.value, dict) else ())
    return ParsedBody(fields)


def _parse_form(body: bytes) -> ParsedBody:
    text = body.decode("utf-8", "replace")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        raise TooManyFields from None
    fields: dict[str, Json] = dict(pairs)
    return ParsedBody(fields)


def _parse_json(body: bytes) -> ParsedBody:
    """Of a key that is there twice only the last value counts."""
    try:
        return _parse(body)
    except _FAULTS:
        return _parse_leniently(body)


def _parse_leniently(body: bytes) -> ParsedBody:
    """Parses like `JSON.parse`. Repairs a BOM, invalid UTF-8 and lone surrogates."""
    text = body.decode("utf-8", "replace").removeprefix("\ufeff")
    try:
        return _parse(_SURROGATE.sub(_repair, text).encode())
    except _FAULTS:
        raise MalformedJson from None


def _repair(escape: re.Match[str]) -> str:
    return escape[0] if escape["low"] else escape["before"] + "\ufffd"


def _parse(text: bytes) -> ParsedBody:
    if not text.lstrip().startswith(b"{"):
        value = _decode_value(_ANYTHING.decode(text))
        return ParsedBody(value)
    raws = _FIELDS.decode(text)
    if len(raws) > MAX_FIELDS:
        raise TooManyFields
    fields = {name: _decode_value(raw) for name, raw in raws.items()}
    nested = {name: bytes(raws[name]) for name, value in fields.items() if value in ([], {})}
    return ParsedBody(fields, nested)


def _decode_value(raw: Raw) -> Json:
    text = bytes(raw)
    if text.startswith(b"["):
        return []
    if text.startswith(b"{"):
        return {}
    try:
        scalar: Json = msgspec.json.decode(text)
    except msgspec.ValidationError:  # a number out of range
        return float(text)
    return scalar
