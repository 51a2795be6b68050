"""Reads which forms of password hashes a database has."""

from typing import Final

from ..models.errors import StoreUnavailable
from ..models.layout import Layout
from ..storage.database import Database
from .names import make_statement, quote_column, quote_table

_EVERY_FORM: Final = frozenset({"scrypt", "bcrypt", "pbkdf2", "$argon2id$v=19$m=19456,t=2,p=1"})
# Up to the number of lanes, which has one or two digits.
_ARGON2_FORM: Final = (
    "substr(password, 1, {find}(password, ',p=') + CASE"
    " WHEN substr(password, {find}(password, ',p=') + 4, 1) = '$' THEN 3 ELSE 4 END)"
)
_FIND: Final = {"sqlite": "instr", "postgresql": "strpos"}
_HASH_FORMS: Final = (
    # What is frequent comes first, and LIKE last: it folds case, in every row.
    "SELECT DISTINCT CASE"
    " WHEN substr(password, 33, 1) = ':' AND length(password) = 161 THEN 'scrypt'"
    " WHEN substr(password, 1, 7) = '$argon2' THEN {argon2}"
    " WHEN password LIKE '$2_$%' THEN 'bcrypt'"
    " WHEN password LIKE 'pbkdf2%' OR password LIKE '$pbkdf2%' THEN 'pbkdf2'"
    " WHEN password LIKE 'scrypt%' OR password LIKE '$scrypt%' THEN 'scrypt'"
    " ELSE 'other' END FROM (SELECT {column} AS password FROM {table}) AS stored"
    " WHERE password IS NOT NULL"
)


async def read_hash_forms(database: Database, layout: Layout) -> frozenset[str]:
    """Reads the forms of hashes, without the statement timeout: there may be many accounts."""
    statement = _HASH_FORMS.format(
        argon2=_ARGON2_FORM.format(find=_FIND[database.dialect]),
        column=quote_column(layout, "account", "password"),
        table=quote_table(layout, "account"),
    )
    try:
        return frozenset(form for (form,) in await database.read_all(make_statement(statement)))
    except StoreUnavailable as refusal:
        if isinstance(refusal.__cause__, TimeoutError):
            return _EVERY_FORM
        raise
