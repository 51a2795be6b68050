"""What hooks choose of an access token: its subject, and the claims about it."""

from collections.abc import Mapping

from msgspec import Struct

from ...auth.hooks import Hooks, PendingToken


class SubjectClaims(Struct, frozen=True):
    """The claim `sub`, and the claims about it."""

    subject: str
    claims: Mapping[str, object]


async def choose_subject_claims(hooks: Hooks, pending: PendingToken) -> SubjectClaims:
    """Asks the hooks, each with the claims of the one before. Raises what a hook raises.

    Source: `getJwtToken` of Better Auth 1.7.25, with `definePayload` and `getSubject`.
    """
    user, session = pending.user, pending.session
    for choose in hooks.token_claims:
        pending = PendingToken(user, session, await choose(pending))
    subject = None
    for find in hooks.token_subject:
        subject = await find(pending)
    return SubjectClaims(user.id if subject is None else subject, pending.claims)
