"""A value in the hands of somebody who guesses it, inside the transaction that settles it."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection


class Attempt:
    """The latest value of an identifier. It is deleted when the block ends, unless it is kept.

    `value` is None if there is none, or if it has expired.
    """

    def __init__(
        self, tx: AsyncConnection, value: str | None = None, *, is_expired: bool = False
    ) -> None:
        self.tx = tx
        self.value = None if is_expired else value
        self.is_expired = is_expired
        self.kept: str | None = None
        self.expires_at: datetime | None = None

    def keep(self, value: str, expires_at: datetime | None = None) -> None:
        """Stores this value in place of the one that was there. None: the expiry stays."""
        self.kept, self.expires_at = value, expires_at
