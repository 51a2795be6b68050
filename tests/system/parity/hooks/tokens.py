"""What `original/hooks/tokens.mjs` does, in Python."""

from app import HookRegistry, PendingToken


async def define_payload(token: PendingToken) -> dict[str, object]:
    user, session = token.user, token.session
    return {"id": user.id, "email": user.email, "tenant": {"of": session.user_id}}


def get_subject(token: PendingToken) -> str:
    return f"user:{token.user.email}"


def register(hooks: HookRegistry) -> None:
    hooks.token_claims(define_payload)
    hooks.token_subject(get_subject)
