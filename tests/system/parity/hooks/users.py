"""What `original/hooks/users.mjs` does, in Python: some async, some plain."""

from app import (
    HookRefusal,
    HookRegistry,
    PendingSession,
    PendingUser,
    Session,
    User,
    UserChange,
)

Values = dict[str, object]


async def rename(new: PendingUser) -> Values:
    if new.email.endswith("@evil.example"):
        raise HookRefusal("COMPANY_ONLY", "Not yours", status=403)
    if new.email.startswith("twice"):
        raise HookRefusal("TWICE", "Only once", status=409)
    return {"name": f"{new.name} of Acme", "team": "blue"}


def change(asked: UserChange) -> Values:
    if asked.values.get("name") == "root":
        raise HookRefusal("NO_ROOT", "Not that name", status=422)
    names = {"name": f"{asked.values['name']}!"} if asked.values.get("name") else {}
    return {**names, "team": "red"}


def keep(user: User) -> None:
    if user.email.startswith("keeper"):
        raise HookRefusal("KEPT", "You must stay")


async def begin(pending: PendingSession) -> Values:
    if pending.user.email.startswith("closed"):
        raise HookRefusal("CLOSED", "Come back tomorrow", status=403)
    return {"device": "kiosk"}


async def end(session: Session) -> None:
    if session.user_agent == "unending":
        raise HookRefusal("UNENDING", "It stays", status=403)


def register(hooks: HookRegistry) -> None:
    hooks.before_user_created(rename)
    hooks.before_user_updated(change)
    hooks.before_user_deleted(keep)
    hooks.before_session_created(begin)
    hooks.before_session_deleted(end)
