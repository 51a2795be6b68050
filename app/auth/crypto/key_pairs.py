"""What the command line may ask of the plugin that signs with key pairs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct


class PairState(Struct, frozen=True, rename="camel"):
    """A stored pair, without its keys. Times are ISO 8601.

    `expires_at`: from then on it signs nothing. `valid_until`: from then on its tokens are refused;
    both are None if no time is set. `signs`: new tokens are signed with it. `opens`: a secret of
    the settings decrypts the private key.
    """

    id: str
    alg: str
    crv: str | None
    created_at: str
    expires_at: str | None
    valid_until: str | None
    signs: bool
    opens: bool


class Rotation(Struct, frozen=True):
    """A new pair, and the ones that it replaced."""

    new: PairState
    retired: Sequence[PairState]
    removed: Sequence[str]


class KeyPairs(Protocol):
    """The key pairs of access tokens. `has_shared_secret`: a shared secret signs instead."""

    @property
    def has_shared_secret(self) -> bool: ...

    async def list_pairs(self, now: datetime) -> Sequence[PairState]:
        """Returns all stored pairs, the newest first."""
        ...

    async def rotate(self, now: datetime, *, revoke: bool) -> Rotation:
        """Makes a new pair, which signs at once in every process.

        The others expire now, and their tokens stay valid for the grace period. With `revoke` all
        other pairs are removed, and their tokens are refused.
        """
        ...

    async def remove_old(self, now: datetime, *, dry_run: bool) -> Sequence[PairState]:
        """Removes the pairs whose grace period is over. Returns them, also in a dry run."""
        ...
