"""What is known of the session behind a request."""

from msgspec import UNSET, Struct, UnsetType

from ...models.errors import Refusal
from ...models.records import Session, User


class Live(Struct, frozen=True):
    """A session that holds. `due` says its expiry should be moved, `renewed` that it just was.

    `due` is UNSET where the request or its cookies rule a renewal out. `restriction` refuses a
    user to whom no token may be given.
    """

    session: Session
    user: User
    restriction: type[Refusal] | None = None
    due: bool | UnsetType = UNSET
    renewed: bool = False


class Absent(Struct, frozen=True):
    """No session; `presented` when a signed token asked for one and must be taken back."""

    presented: bool
