"""How long the service takes to end after SIGTERM, one step after the other."""

from typing import Final

from app.mail import outbox
from app.server import http_server, resources
from app.server.telemetry import exporting

LONGEST: Final = http_server.GRACE + resources.GRACE + outbox.GRACE + exporting.SECONDS  # seconds
