"""The tables of a database that this service made, for tests that look into it."""

from typing import Final

from app.auth.restrictions import Restrictions
from app.models.layout import Layout, TableLayout
from app.models.tables import make_tables

TABLES: Final = make_tables(Layout())
users, sessions, accounts = TABLES.users, TABLES.sessions, TABLES.accounts
verifications, jwks, rate_limits = TABLES.verifications, TABLES.jwks, TABLES.rate_limits


def restrictions(*present: str) -> Restrictions:
    """Of a database whose users have these columns of a Node server's plugins."""
    return Restrictions(frozenset(present), users, TableLayout("user"))
