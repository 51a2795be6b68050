"""Makes what delivers webhooks, of the objects of the service."""

from ...auth.webhooks.queue import WebhookQueue
from ...auth.webhooks.turn import DeliveryTurn
from ..container import Container
from .delivery import LANES, WebhookDelivery
from .sender import WebhookSender
from .signatures import WebhookSigner


def make_webhook_delivery(container: Container, url: str) -> WebhookDelivery:
    """Returns what delivers webhooks to `url` while the service runs."""
    settings, database, tables = container.settings, container.database, container.tables
    sender = WebhookSender(
        url,
        WebhookSigner(settings.webhook_secret),
        allow_private=settings.webhook_allow_private,
        connections=LANES,
    )
    queue, turn = WebhookQueue(database, tables), DeliveryTurn(database, tables)
    return WebhookDelivery(queue, turn, sender, container.webhook_added)
