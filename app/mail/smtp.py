"""Delivery by SMTP (RFC 5321), each message over a connection of its own."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from email.errors import MessageError
from email.headerregistry import Address
from typing import Final

from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from ..settings.smtp_url import SmtpUrl
from .mailer import Message
from .mime import compose
from .outbox import DeliveryFailed

TIMEOUT: Final = 15.0  # seconds for each step
GOODBYE: Final = 2.0  # seconds
_PERMANENT: Final = 500  # RFC 5321, 4.2.1


class SmtpDelivery:
    """Hands messages over to a mail server."""

    def __init__(self, server: SmtpUrl, sender: Address) -> None:
        self._server = server
        self._sender = sender

    async def __call__(self, message: Message) -> None:
        """Returns when the server has taken the message. Raises `DeliveryFailed`."""
        try:
            mail = compose(message, self._sender)
            async with self._connected() as smtp:
                await smtp.send_message(
                    mail, sender=self._sender.addr_spec, recipients=[message.to]
                )
        except SMTPNotSupported as fault:
            raise DeliveryFailed(_said(fault), final=True) from fault
        except SMTPResponseException as fault:
            final = fault.code >= _PERMANENT
            raise DeliveryFailed(f"{fault.code} {fault.message}", final=final) from fault
        except SMTPRecipientsRefused as fault:
            refused = fault.recipients[0]
            final = refused.code >= _PERMANENT
            raise DeliveryFailed(f"{refused.code} {refused.message}", final=final) from fault
        except (SMTPException, OSError) as fault:
            raise DeliveryFailed(_said(fault)) from fault
        except (ValueError, MessageError) as fault:
            raise DeliveryFailed(_said(fault), final=True) from fault

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[SMTP]:
        """Says goodbye where all went well; a server that hangs is left without."""
        smtp = self._connection()
        try:
            await smtp.connect()
            yield smtp
            with suppress(SMTPException, OSError):  # the mail has been taken
                await smtp.quit(timeout=GOODBYE)
        finally:
            smtp.close()

    def _connection(self) -> SMTP:
        server = self._server
        return SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password if server.user else None,
            local_hostname=self._sender.domain,  # the machine's own name may take long to find
            timeout=TIMEOUT,
            use_tls=server.tls == "implicit",
            start_tls={"required": True, "off": False}.get(server.tls),
            tls_context=_context(server),
        )


def _context(server: SmtpUrl) -> ssl.SSLContext:
    """Who may be lied to that TLS is not offered gains nothing from a certificate's check."""
    context = ssl.create_default_context()
    if server.tls == "optional":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _said(fault: Exception) -> str:
    """The fault, and its cause where that tells more."""
    said, cause = str(fault), str(fault.__cause__ or "")
    return (said if cause in said else f"{said} {cause}") or type(fault).__name__
