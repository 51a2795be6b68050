"""The mailed link that confirms a deletion."""

from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Final

from ...mail.auth_emails import AuthEmails
from ...mail.links import Links
from ...models.identifiers import generate_lower_token
from ...models.records import User
from ...settings.options import DeleteUserOptions
from ..verifications.database import Consumed, Verifications

_LENGTH: Final = 32  # of a token


class DeletionLinks:
    """Sends such links and accepts their tokens. `auth_emails` is None if none are sent."""

    def __init__(
        self,
        options: DeleteUserOptions,
        verifications: Verifications,
        links: Links,
        auth_emails: AuthEmails | None,
    ) -> None:
        self._age = timedelta(seconds=options.delete_token_expires_in)
        self._verifications = verifications
        self._links = links
        self._auth_emails = auth_emails

    async def send(self, user: User, callback_url: str | None, now: datetime) -> bool:
        """Mails the link. Returns False if no mail is required."""
        if self._auth_emails is None:
            return False
        token = generate_lower_token(_LENGTH)
        await self._verifications.put(_make_identifier(token), user.id, now + self._age, now)
        self._auth_emails.send_delete_account_verification(
            user, self._links.build_delete_user(token, callback_url)
        )
        return True

    async def find(self, token: str, now: datetime) -> str | None:
        """Returns the id of the user of the link. The link stays valid."""
        return await self._verifications.find(_make_identifier(token), now)

    def consume(self, token: str, now: datetime) -> AbstractAsyncContextManager[Consumed]:
        """See `Verifications.consume`. The value is the id of the user of the link."""
        return self._verifications.consume(_make_identifier(token), now)


def _make_identifier(token: str) -> str:
    return f"delete-account-{token}"
