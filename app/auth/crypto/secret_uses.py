"""What the secrets encrypt and sign, as the core and each plugin declare it."""

from collections.abc import Mapping, Sequence

from msgspec import Struct
from sqlalchemy import Column, ColumnElement, Table


class EncryptedColumn(Struct, frozen=True):
    """A column with texts of `Cipher`.

    `what` names them, in the plural; `remedy` is what to do if no secret opens one. `is_json`: the
    text is a string of JSON. `is_mixed`: the column also has texts that nobody encrypted. `where`
    chooses the rows that are still needed.
    """

    what: str
    table: Table
    column: Column[str]
    remedy: str
    is_json: bool = False
    is_mixed: bool = False
    where: ColumnElement[bool] | None = None


class SecretUses(Struct, frozen=True):
    """`encrypted`: what is stored. `signed`: what clients hold, and for how many seconds."""

    encrypted: Sequence[EncryptedColumn] = ()
    signed: Mapping[str, int] = {}
