"""The operations of a `BetterAuth` in the OpenAPI document of the application that mounts it."""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from ...web.openapi.docs import describe_schemes
from ...web.openapi.document import complete_document
from ..container import Container
from ..features import list_routes
from .wrapping import Documented, Json

_NAME: Final = "BetterAuth"  # in front of each schema, of which the application may have the same
_TAG: Final = "Better Auth: "
_REFERENCE: Final = b'"#/components/schemas/'
_EMPTY: Final[Json] = {"paths": {}, "components": {"schemas": {}}}


def add_operations(app: Documented, find_container: Callable[[], Container | None]) -> None:
    """Adds the operations to what `app.openapi()` returns, while the container is there."""
    original = app.openapi

    def build_document() -> Json:
        container = find_container()
        return original() if container is None else _merge(original(), container)

    app.openapi = build_document  # type: ignore[method-assign]  # as FastAPI documents it


def _merge(document: Json, container: Container) -> Json:
    """Returns the document with our operations. What the application has itself stays."""
    ours = _describe(container)
    components: Mapping[str, Json] = document.get("components", {})
    schemes = describe_schemes(container.settings)
    merged = {
        **components,
        "schemas": {**components.get("schemas", {}), **ours["components"]["schemas"]},
        "securitySchemes": {**schemes, **components.get("securitySchemes", {})},
    }
    return {**document, "paths": {**document["paths"], **ours["paths"]}, "components": merged}


def _describe(container: Container) -> Json:
    found = complete_document(list_routes(container), container.settings.auth_path, _EMPTY)
    encoded = msgspec.json.encode(found).replace(_REFERENCE, _REFERENCE + _NAME.encode())
    document: Json = msgspec.json.decode(encoded)
    for path in document["paths"].values():
        for operation in path.values():
            operation["tags"] = [_TAG + tag for tag in operation.get("tags", ())]
    components = document["components"]
    components["schemas"] = {_NAME + name: each for name, each in components["schemas"].items()}
    return document
