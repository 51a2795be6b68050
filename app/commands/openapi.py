"""`python -m app openapi`."""

import asyncio
import json
import sys
from argparse import Namespace

from ..server.app import make_openapi_document

FAULTS = ()


def run(_arguments: Namespace) -> int:
    """Prints the OpenAPI document. Needs no settings and no database."""
    document = asyncio.run(make_openapi_document())
    json.dump(document, sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")
    return 0
