"""Delivery by SMTP (RFC 5321), with one connection for each message."""

import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
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
    """Delivers messages to a mail server."""

    def __init__(self, server: SmtpUrl, sender: Address) -> None:
        self._server = server
        self._sender = sender

    async def __call__(self, message: Message) -> None:
        """Returns when the server has accepted the message. Raises `DeliveryFailed`."""
        with _describe_failures():
            mail = compose(message, self._sender)
            async with self._connect() as smtp:
                await smtp.send_message(
                    mail, sender=self._sender.addr_spec, recipients=[message.to]
                )

    async def log_in(self) -> bool:
        """Connects and logs in, but sends no mail. Returns whether the connection is encrypted.

        Raises `DeliveryFailed`.
        """
        with _describe_failures():
            async with self._connect() as smtp:
                await smtp.noop()
                is_encrypted = smtp.get_transport_info("sslcontext") is not None
        return is_encrypted

    @asynccontextmanager
    async def _connect(self) -> AsyncIterator[SMTP]:
        """Connects. At the end it sends QUIT, but only after success."""
        smtp = self._create_client()
        try:
            await smtp.connect()
            yield smtp
            with suppress(SMTPException, OSError):  # the mail has been taken
                await smtp.quit(timeout=GOODBYE)
        finally:
            smtp.close()

    def _create_client(self) -> SMTP:
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
            tls_context=_create_tls_context(server),
        )


@contextmanager
def _describe_failures() -> Iterator[None]:
    """Raises `DeliveryFailed` for what goes wrong in the block."""
    try:
        yield
    except SMTPNotSupported as fault:
        raise DeliveryFailed(_describe_error(fault), final=True) from fault
    except SMTPResponseException as fault:
        final = fault.code >= _PERMANENT
        raise DeliveryFailed(f"{fault.code} {fault.message}", final=final) from fault
    except SMTPRecipientsRefused as fault:
        refused = fault.recipients[0]
        final = refused.code >= _PERMANENT
        raise DeliveryFailed(f"{refused.code} {refused.message}", final=final) from fault
    except (SMTPException, OSError) as fault:
        raise DeliveryFailed(_describe_error(fault)) from fault
    except (ValueError, MessageError) as fault:
        raise DeliveryFailed(_describe_error(fault), final=True) from fault


def _create_tls_context(server: SmtpUrl) -> ssl.SSLContext:
    """Returns the TLS context. Optional TLS can be suppressed, so there a check is useless."""
    context = ssl.create_default_context()
    if server.tls == "optional":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _describe_error(fault: Exception) -> str:
    """Returns the error, with its cause if that explains more."""
    said, cause = str(fault), str(fault.__cause__ or "")
    return (said if cause in said else f"{said} {cause}") or type(fault).__name__
