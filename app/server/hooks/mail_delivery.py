"""Mail that a hook sends, with the queue and the attempts that SMTP has, too."""

from ...auth.hooks import Hooks, SendMail
from ...mail.mailer import Mailer, Message
from ...mail.outbox import DeliveryFailed, Outbox
from ...models.errors import HookRefusal


def find_hook_mailer(hooks: Hooks) -> Mailer | None:
    """Returns the mailer that calls the hook `send_mail`, None without one."""
    return Outbox(_HookDelivery(hooks.send_mail[0])) if hooks.send_mail else None


class _HookDelivery:
    def __init__(self, send: SendMail) -> None:
        self._send = send

    async def __call__(self, message: Message) -> None:
        """Raises `DeliveryFailed`, after a refusal for good."""
        try:
            await self._send(message)
        except HookRefusal as refusal:
            raise DeliveryFailed(refusal.message, final=True) from refusal
        except Exception as fault:
            cause = fault.__cause__ or fault
            raise DeliveryFailed(f"{type(cause).__name__}: {cause}") from fault
