"""The session of a request."""

from msgspec import UNSET, Struct, UnsetType

from ...models.errors import Refusal
from ...models.records import Session, User


class Live(Struct, frozen=True):
    """An active session. `due`: it should be extended; `renewed`: it was extended now.

    `due` is UNSET if the request or its cookies prevent that. `restriction`: the user must get no
    token.
    """

    session: Session
    user: User
    restriction: type[Refusal] | None = None
    due: bool | UnsetType = UNSET
    renewed: bool = False


class Absent(Struct, frozen=True):
    """No session. `presented`: a signed token asked for one, and must be expired."""

    presented: bool
