"""Calls for sessions and access tokens."""

from ....auth.errors import NoSuchSession
from ....auth.sessions.store import SessionFilter
from ....models.clock import now
from ....models.records import Client, Session, User
from ....models.telemetry.log_context import note_client
from ....plugins.plugin import TokenIssuer
from ....web.http.headers import Headers
from ...container import Container
from ...operation import make_session_control, make_session_start
from .arguments import check_plain_text, read_client_ip
from .calls import Calls


class SessionCalls(Calls):
    """Sessions of users, and access tokens of sessions."""

    async def list_user_sessions(self, user_id: str) -> list[Session]:
        """Returns the active sessions of a user. Raises the code `USER_NOT_FOUND`."""
        async with self._begin() as container:
            user = await self._get_user(container, user_id)
            chosen = SessionFilter(user_id=user.id)
            pages = make_session_control(container).read_pages(chosen, now())
            return [session async for page in pages for session in page]

    async def create_session(
        self, user_id: str, *, client_ip: str = "", user_agent: str = ""
    ) -> Session:
        """Begins a session of a user whom the application has identified itself.

        No password and no second factor is asked for. Its `token` is the credential, as the cookie
        of `make_session_headers` or as `Authorization: Bearer`.

        Raises the codes `USER_NOT_FOUND`, `VALIDATION_ERROR`, `USER_DISABLED`, `BANNED_USER`, and
        what a hook raises.
        """
        async with self._begin() as container:
            client = Client(
                read_client_ip(client_ip, container.settings.advanced.ip_address),
                check_plain_text("user_agent", user_agent),
            )
            note_client(client)  # for the audit
            user = await self._get_user(container, user_id)
            return await make_session_start(container).start(user, client, now())

    async def make_session_headers(self, session: Session) -> list[tuple[str, str]]:
        """Returns the headers with which a response signs a browser in: names and values.

        Raises the code `USER_NOT_FOUND`.
        """
        async with self._begin() as container:
            user = await self._get_user(container, session.user_id)
            nothing_brought = Headers([])
            return await container.guard.reissue_cookies(session, user, nothing_brought, now())

    async def revoke_user_session(self, user_id: str, session_id: str) -> bool:
        """Ends one session. Returns whether the user had an active session with this id.

        Raises the code `USER_NOT_FOUND`.
        """
        async with self._begin() as container:
            user = await self._get_user(container, user_id)
            chosen = SessionFilter(
                user_id=user.id, session_id=check_plain_text("session_id", session_id)
            )
            return await make_session_control(container).revoke(chosen, now()) > 0

    async def revoke_user_sessions(self, user_id: str) -> int:
        """Ends all sessions of a user. Returns how many there were.

        Raises the code `USER_NOT_FOUND`.
        """
        async with self._begin() as container:
            user = await self._get_user(container, user_id)
            chosen = SessionFilter(user_id=user.id)
            return await make_session_control(container).revoke(chosen, now())

    async def issue_token(self, user_id: str, *, session_id: str | None = None) -> str:
        """Returns an access token (JWT) of a user, as `/token` issues it.

        It belongs to the user's session `session_id`. Without one it begins a session that lives as
        long as the token does: what refuses a session refuses the token, and who ends all
        sessions ends it for APIs that ask for the session.

        Raises the codes `USER_NOT_FOUND`, `SESSION_NOT_FOUND`, `USER_DISABLED`, `BANNED_USER`, and
        what a hook raises.
        """
        async with self._begin() as container:
            user = await self._get_user(container, user_id)
            issuer = _get_issuer(container)
            if session_id is None:
                start, lifetime = make_session_start(container), issuer.expires_in
                session = await start.start(user, Client("", ""), now(), expires_in=lifetime)
            else:
                checked = check_plain_text("session_id", session_id)
                session, user = await _get_session(container, user, checked)
            return await issuer.issue(user, session, now())


async def _get_session(container: Container, user: User, session_id: str) -> tuple[Session, User]:
    """Raises NoSuchSession, and what refuses a token."""
    active = await make_session_control(container).find(user.id, session_id, now())
    if active is None:
        raise NoSuchSession
    if active.restriction is not None:
        raise active.restriction
    return active.session, active.user


def _get_issuer(container: Container) -> TokenIssuer:
    issuers = [plugin.token_issuer for plugin in container.built_plugins if plugin.token_issuer]
    if not issuers:
        raise LookupError("no plugin issues access tokens")
    return issuers[0]
