"""Recognizes the ban of a user in a change: the columns of the admin plugin."""

from sqlalchemy.ext.asyncio import AsyncConnection

from ...models.records import User
from ..hooks import Hooks, UserBan, Values


async def run_ban_hooks(hooks: Hooks, user: User, changes: Values, tx: AsyncConnection) -> None:
    """Runs the hooks of a ban that these changes, by attribute, set or lift.

    Raises what a hook raises.
    """
    if "banned" not in changes:
        return
    if not changes["banned"]:
        for unbanned in hooks.user_unbanned:
            await unbanned(user, tx)
        return
    reason, expires = changes.get("banReason"), changes.get("banExpires")
    ban = UserBan(
        user,
        None if reason is None else str(reason),
        None if expires is None else str(expires),
    )
    for banned in hooks.user_banned:
        await banned(ban, tx)
