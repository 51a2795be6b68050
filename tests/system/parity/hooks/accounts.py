"""What `original/hooks/accounts.mjs` does, in Python."""

from app import HookRefusal, HookRegistry, PendingUser, User


def validate(new: PendingUser) -> None:
    if new.email.startswith("outsider"):
        raise HookRefusal("outsider", "Not one of us", status=403)
    if new.request is None or new.request.path != "/sign-up/email":
        raise HookRefusal("no_passwords", "no_passwords", status=403)


def _refuse(user: User, name: str, code: str) -> None:
    if user.email.startswith(name):
        raise HookRefusal(code, "Not you", status=403)


def before_verification(user: User) -> None:
    _refuse(user, "early", "TOO_EARLY")


async def after_verification(user: User) -> None:
    _refuse(user, "late", "TOO_LATE")


async def on_reset(user: User) -> None:
    _refuse(user, "forgetful", "FORGETFUL")


def make_hash(password: str) -> str:
    return f"plain!{password[::-1]}"


async def verify(password: str, stored: str) -> bool | None:
    return stored == make_hash(password) if stored.startswith("plain!") else None


def register(hooks: HookRegistry) -> None:
    hooks.validate_user_info(validate)
    hooks.before_email_verification(before_verification)
    hooks.after_email_verification(after_verification)
    hooks.on_password_reset(on_reset)
    hooks.hash_password(make_hash)
    hooks.verify_password(verify)
