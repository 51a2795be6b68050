"""Better Auth's tables are found by what they hold."""

import pytest

from app.bridge.catalog import Catalog, CatalogColumn, CatalogTable
from app.bridge.table_names import COLUMNS, NameOptions
from app.bridge.table_search import (
    TablesNotClear,
    find_tables,
    find_tables_elsewhere,
    match_columns,
)
from app.models.tables import to_snake_case

CORE = ("user", "session", "account", "verification", "jwks")


def make_table(
    name: str,
    columns: list[str],
    *,
    schema: str = "public",
    place: int | None = 0,
    user: str | None = None,
) -> CatalogTable:
    references = {} if user is None else dict.fromkeys(("userId", "user_id"), (schema, user))
    return CatalogTable(
        name,
        {column: CatalogColumn("text", nullable=True, has_default=False) for column in columns},
        schema=schema,
        place=place,
        references=references,
    )


def make_set(
    names: dict[str, str],
    *,
    snake: bool = False,
    references: bool = True,
    schema: str = "public",
    place: int | None = 0,
) -> list[CatalogTable]:
    return [
        make_table(
            names[logical],
            [to_snake_case(c) if snake else c for c in COLUMNS[logical]],
            schema=schema,
            place=place,
            user=names["user"] if references and logical in ("session", "account") else None,
        )
        for logical in CORE
        if logical in names
    ]


def find(tables: list[CatalogTable], options: NameOptions | None = None) -> dict[str, str]:
    catalog = Catalog(tables, "postgresql", "public")
    found = find_tables(catalog, options or NameOptions())
    return {logical: each.table.name for logical, each in found.items()}


PLAIN = {name: name for name in CORE}
PLURAL = {name: f"{name}s" for name in CORE}
CAPITAL = {name: name.capitalize() for name in CORE}
PREFIXED = {name: f"auth_{name}" for name in CORE}
OWN = {
    "user": "people",
    "session": "logins",
    "account": "credentials",
    "verification": "codes",
    "jwks": "keys",
}


@pytest.mark.parametrize("names", [PLAIN, PLURAL, CAPITAL, PREFIXED, OWN])
@pytest.mark.parametrize("snake", [False, True])
def test_any_names_are_found(names: dict[str, str], *, snake: bool) -> None:
    assert find(make_set(names, snake=snake)) == names


@pytest.mark.parametrize("names", [PLAIN, PLURAL, CAPITAL, PREFIXED])
def test_names_decide_where_no_foreign_key_does(names: dict[str, str]) -> None:
    assert find(make_set(names, references=False)) == names


def test_columns_are_found_by_better_auths_names() -> None:
    (user,) = make_set({"user": "users"}, snake=True)
    found = match_columns(user, COLUMNS["user"])
    assert found["emailVerified"] == "email_verified"
    assert found["id"] == "id"


def test_the_exact_name_comes_first() -> None:
    table = make_table("session", ["user_id", "userId"])
    assert match_columns(table, ["userId"]) == {"userId": "userId"}


def test_two_sets_are_not_clear() -> None:
    with pytest.raises(TablesNotClear, match="BETTER_AUTH_USER_MODEL_NAME"):
        find([*make_set(PLAIN), *make_set(PREFIXED)])


def test_a_given_name_chooses() -> None:
    tables = [*make_set(PLAIN), *make_set(PREFIXED)]
    options = NameOptions({"user": "auth_user", "verification": "auth_verification"})
    assert find(tables, options)["session"] == "auth_session"


def test_two_sets_in_two_schemas_are_told_apart_by_the_url() -> None:
    other = make_set(PLAIN, schema="auth", place=1)
    with pytest.raises(TablesNotClear, match="DATABASE_URL"):
        find([*make_set(PLAIN), *other])


def test_only_the_search_path_is_searched() -> None:
    tables = make_set(PLAIN, schema="auth", place=None)
    assert find(tables) == {}
    elsewhere = find_tables_elsewhere(Catalog(tables, "postgresql", "public"))
    assert elsewhere["user"].table.schema == "auth"


def test_a_given_column_counts_alone() -> None:
    columns = [c for c in COLUMNS["account"] if c != "password"]
    account = make_table("account", [*columns, "hash"], user="user")
    tables = [*(t for t in make_set(PLAIN) if t.name != "account"), account]
    options = NameOptions(fields={"account": {"password": "hash"}})
    found = find_tables(Catalog(tables, "postgresql", "public"), options)
    assert found["account"].columns["password"] == "hash"


def test_sessions_may_be_elsewhere() -> None:
    names = {name: name for name in CORE if name != "session"}
    assert find(make_set(names)) == names


def test_others_are_not_taken() -> None:
    authjs = [
        make_table("User", ["id", "name", "email", "emailVerified", "image"]),
        make_table("Session", ["id", "sessionToken", "userId", "expires"], user="User"),
        make_table(
            "Account",
            [
                *("id", "userId", "type", "provider", "providerAccountId", "refresh_token"),
                *("access_token", "expires_at", "token_type", "scope", "id_token"),
            ],
            user="User",
        ),
    ]
    own = [
        make_table(
            "users", ["id", "name", "email", "email_verified", "image", "created_at", "updated_at"]
        ),
        make_table("invites", ["id", "token", "expires_at", "user_id", "created_at", "updated_at"]),
    ]
    assert find(authjs) == find(own) == {}


def test_what_looks_alike_beside_does_not_confuse() -> None:
    beside = [
        make_table("invites", ["id", "token", "expires_at", "user_id"], user="user"),
        make_table("passkey", ["id", "publicKey", "userId", "credentialID"], user="user"),
        make_table("apikey", ["id", "key", "userId", "expiresAt", "createdAt"], user="user"),
    ]
    assert find([*make_set(PLAIN), *beside]) == PLAIN


def test_accounts_of_auth_js_are_none_of_better_auth() -> None:
    tokens = ["access_token", "refresh_token", "id_token", "password", "provider"]
    users = make_table("User", ["id", "name", "email", "emailVerified", "image", "createdAt"])
    accounts = make_table("Account", ["userId", "providerAccountId", *tokens], user="User")
    assert find([users, accounts]) == {}
