"""Reads bodies strictly. Litestar's own reader accepts "5" as a number."""

from collections.abc import Generator
from functools import cache
from typing import Generic, Protocol, TypeVar

import msgspec
from litestar.dto import AbstractDTO, DTOFieldDefinition
from litestar.exceptions import ValidationException
from litestar.openapi.spec import Reference, Schema
from litestar.typing import FieldDefinition
from msgspec import Struct

T = TypeVar("T")


class Schemas(Protocol):
    """Litestar's maker of schemas."""

    def for_field_definition(self, field_definition: FieldDefinition, /) -> Schema | Reference:
        """Returns the schema of an annotation."""
        ...


class StrictBody(AbstractDTO[T], Generic[T]):
    """Decodes `data` with msgspec in strict mode. Set it as `dto` with `return_dto=None`.

    Raises Litestar's ValidationException with msgspec's message, such as
    ``Expected `int`, got `str` - at `$.limit` ``.
    """

    def decode_bytes(self, value: bytes) -> object:
        """Returns the body as its Struct."""
        handler = self.asgi_connection.route_handler
        assert handler.parsed_data_field is not None
        try:
            return _create_decoder(_find_struct(handler.parsed_data_field)).decode(value)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise ValidationException(detail=str(error)) from None

    @classmethod
    def create_for_field_definition(
        cls,
        field_definition: FieldDefinition,
        handler_id: str,
        backend_cls: type[object] | None = None,
    ) -> None:
        """Does nothing: the annotation is the model."""

    @classmethod
    def create_openapi_schema(
        cls, field_definition: FieldDefinition, handler_id: str, schema_creator: Schemas
    ) -> Reference | Schema:
        """Returns the schema of the annotation."""
        return schema_creator.for_field_definition(field_definition)

    @classmethod
    def generate_field_definitions(
        cls, model_type: type[object]
    ) -> Generator[DTOFieldDefinition, None, None]:
        """Yields nothing: the annotation is the model."""
        yield from ()

    @classmethod
    def detect_nested_field(cls, field_definition: FieldDefinition) -> bool:
        """Returns False: the annotation is the model."""
        return False


def _find_struct(field: FieldDefinition) -> type[Struct]:
    """Returns the Struct of a `data` annotation. In `Struct | None`, None means no body."""
    types = [inner.annotation for inner in field.inner_types] or [field.annotation]
    return next(kind for kind in types if isinstance(kind, type) and issubclass(kind, Struct))


@cache
def _create_decoder(annotation: type[T]) -> msgspec.json.Decoder[T]:
    return msgspec.json.Decoder(annotation)
