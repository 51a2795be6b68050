"""OpenTelemetry's own variables, which its SDK reads. This service refuses none of them."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from .dotenv import read_dotenv

PREFIX: Final = "OTEL_"


def publish_variables(dotenv: Path) -> None:
    """Copies the variables of `.env` into the environment, where the SDK looks for them."""
    for name, value in read_dotenv(dotenv).items():
        if name.startswith(PREFIX) and value and not os.environ.get(name):
            os.environ[name] = value


def find_endpoint_faults(name: str, endpoint: str | None) -> Iterator[str]:
    """Yields one line if it is no URL of a collector."""
    if endpoint is None:
        return
    try:
        split = urlsplit(endpoint)
        known = split.scheme in {"http", "https"} and bool(split.hostname) and split.port != 0
    except ValueError:
        known = False
    if not known:
        yield f"{name} must be the URL of a collector, like http://localhost:4318"
    elif "@" in split.netloc:
        yield f"{name} must have no user and password: put them into OTEL_EXPORTER_OTLP_HEADERS"
