"""Signs in with a code (`signInEmailOTP`, Better Auth 1.7.25)."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from ...auth.audit.sign_ins import report_refusal
from ...auth.email_verification.address_sign_in import AddressOwner, AddressSession, AddressSignIn
from ...web.request_context import RequestContext
from ..plugin import Services
from .codes import Codes, CodeType
from .errors import InvalidOtp
from .options import EmailOtpOptions


class CodeSignIn:
    """Signs in the reader of a mail, as a new user if nobody has the address."""

    def __init__(self, services: Services, codes: Codes, options: EmailOtpOptions) -> None:
        self._audit = services.audit
        self._codes = codes
        self._signs_up = not options.disable_sign_up
        self._sign_in = AddressSignIn(
            services.users, services.user_creation, services.sessions, services.tables, "email-otp"
        )

    async def enter(
        self,
        email: str,
        code: str,
        describe: Callable[[], Mapping[str, object]],
        request: RequestContext,
        now: datetime,
    ) -> AddressSession:
        """Starts a session. The code is spent with it.

        `describe` returns the fields of a new user. It is called after the code is known to be
        right: what it refuses must not tell who has an account. Raises what it raises, what `Codes`
        raise, and what refuses a session.
        """
        owner = AddressOwner(email, describe if self._signs_up else None)
        with report_refusal(self._audit, "email-otp"):
            return await self._enter(owner, code, request, now)

    async def _enter(
        self, owner: AddressOwner, code: str, request: RequestContext, now: datetime
    ) -> AddressSession:
        email = owner.email
        await self._codes.check(CodeType.SIGN_IN, email, code, now)
        spend = partial(self._codes.spend, CodeType.SIGN_IN, email, code, now)
        entered = await self._sign_in.sign_in(owner, request, now, spend)
        if entered is None:
            async with spend():
                pass
            raise InvalidOtp
        return entered
