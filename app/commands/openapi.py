"""`python -m app openapi`."""

import asyncio
import json
import sys

from ..server.app import make_openapi_document
from ..server.plugins import enable_all

FAULTS = ()


def run(*, plugins: bool) -> int:
    """Prints the OpenAPI document. Needs no settings and no database."""
    document = asyncio.run(make_openapi_document(enable_all() if plugins else ()))
    json.dump(document, sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")
    return 0
