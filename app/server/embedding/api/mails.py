"""Calls that begin with a mail: the verification of an address, the reset of a password."""

from ....models.clock import now
from ....web.origins.callback_url import check_callback_url, check_redirect_url
from ...operation import make_reset_requests, make_verification_requests
from .arguments import check_text
from .calls import Calls


class MailCalls(Calls):
    """Mails with a link. The link leads to a path, or to a URL of a trusted origin."""

    async def send_verification_email(self, user_id: str, *, callback_url: str = "") -> None:
        """Mails the link that verifies the user's address; it leads to `callback_url`.

        Raises the codes `USER_NOT_FOUND`, `EMAIL_ALREADY_VERIFIED`, `INVALID_CALLBACK_URL`, and
        `VERIFICATION_EMAIL_NOT_ENABLED` where no such mail can be sent.
        """
        async with self._begin() as container:
            url = check_text("callback_url", callback_url)
            check_callback_url(url, container.trusted)
            requests = make_verification_requests(container)
            requests.refuse_disabled()
            user = await self._get_user(container, user_id)
            await requests.send(user.email, user, url, now())

    async def request_password_reset(self, user_id: str, *, redirect_to: str | None = None) -> None:
        """Mails the link with which the user chooses a new password, at the page `redirect_to`.

        Raises the codes `USER_NOT_FOUND`, `INVALID_REDIRECT_URL`, and `RESET_PASSWORD_DISABLED`
        where no such mail can be sent.
        """
        async with self._begin() as container:
            url = None if redirect_to is None else check_text("redirect_to", redirect_to)
            check_redirect_url(url, container.trusted)
            user = await self._get_user(container, user_id)
            await make_reset_requests(container).send(user, url, now())
