"""Hashes of the user's own functions, in every flow; existing hashes still verify."""

import hashlib
import json
from pathlib import Path

import pytest

from app import HookRefusal, HookRegistry
from app.auth.operators.person_creation import NewPerson
from app.commands.cli import main
from app.models.clock import now
from app.server.container import Container
from app.server.operation import make_person_creation
from app.server.plugins import derive_requirements
from app.server.resources import Resources
from app.settings.environment import SettingsError
from app.settings.settings import Settings
from app.storage.database import Database
from tests.support.prepared_files import inspect
from tests.support.secret import STRONG_SECRET
from tests.support.service import PASSWORD, browser, serve
from tests.support.tables import accounts

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]


def _make(password: str) -> str:
    return f"sha!{hashlib.sha256(password.encode()).hexdigest()}"


class _Own:
    """Counts what it is asked."""

    def __init__(self) -> None:
        self.verified: list[str] = []
        self.hooks = HookRegistry()
        self.hooks.hash_password(_make)
        self.hooks.verify_password(self.verify)

    async def verify(self, password: str, stored: str) -> bool | None:
        self.verified.append(stored)
        return stored == _make(password) if stored.startswith("sha!") else None


@pytest.fixture
def own() -> _Own:
    return _Own()


async def test_sign_up_sign_in_and_change_use_the_functions(database: Database, own: _Own) -> None:
    service = await serve(database, hooks=own.hooks)
    await service.sign_up()
    assert [each["password"] for each in await service.rows(accounts)] == [_make(PASSWORD)]
    assert (await service.sign_in()).status == 200
    assert (await service.sign_in(password="wrong")).status == 401
    ada = browser(await service.sign_in())
    change = {"currentPassword": PASSWORD, "newPassword": "a new password"}
    assert (await service.post("/change-password", change, ada)).status == 200
    assert [each["password"] for each in await service.rows(accounts)] == [_make("a new password")]


async def test_hash_of_the_service_verifies_and_is_replaced_at_the_next_sign_in(
    database: Database, own: _Own
) -> None:
    before = await serve(database)
    await before.sign_up()
    ((old,),) = [[each["password"] for each in await before.rows(accounts)]]
    service = await serve(database, hooks=own.hooks)
    assert (await service.sign_in(password="wrong")).status == 401
    assert (await service.sign_in()).status == 200
    assert own.verified == [old, old]
    assert [each["password"] for each in await service.rows(accounts)] == [_make(PASSWORD)]


async def test_hash_of_the_function_is_not_replaced(database: Database, own: _Own) -> None:
    service = await serve(database, hooks=own.hooks)
    await service.sign_up()
    await service.sign_in()
    assert [each["password"] for each in await service.rows(accounts)] == [_make(PASSWORD)]
    assert own.verified == [_make(PASSWORD)]


async def test_an_unknown_address_costs_a_check_of_the_same_form(
    database: Database, own: _Own
) -> None:
    service = await serve(database, hooks=own.hooks)
    for _ in range(2):
        assert (await service.sign_in("nobody@example.com")).status == 401
    first, second = own.verified
    assert first == second
    assert first.startswith("sha!")


async def test_old_hashes_of_an_application_become_argon2id(database: Database) -> None:
    """`verify_password` alone: new hashes are ours."""
    hooks = HookRegistry()
    hooks.verify_password(
        lambda password, stored: stored == _make(password) if stored.startswith("sha!") else None
    )
    service = await serve(database, hooks=hooks)
    await service.sign_up()
    await service.alter(accounts, password=_make(PASSWORD))
    assert (await service.sign_in(password="wrong")).status == 401
    assert (await service.sign_in()).status == 200
    ((stored,),) = [[each["password"] for each in await service.rows(accounts)]]
    assert stored.startswith("$argon2id$")
    assert (await service.sign_in()).status == 200


async def test_operator_sets_a_hash_of_the_function(database: Database, own: _Own) -> None:
    settings = Settings(secret=STRONG_SECRET)
    container = Container(
        settings,
        Resources(database, hooks=own.hooks),
        await inspect(database, derive_requirements(settings)),
    )
    person = NewPerson("ada@example.com", "Ada", PASSWORD)
    await make_person_creation(container).create(person, now())
    service = await serve(database, hooks=own.hooks)
    assert [each["password"] for each in await service.rows(accounts)] == [_make(PASSWORD)]
    assert (await service.sign_in()).status == 200


async def test_result_that_is_not_a_hash_fails_the_request(database: Database) -> None:
    hooks = HookRegistry()
    hooks.hash_password(lambda _: "")
    hooks.verify_password(lambda _password, _stored: None)
    service = await serve(database, hooks=hooks)
    assert (await service.sign_up()).status == 500
    assert await service.rows(accounts) == []


async def test_new_password_is_refused_where_somebody_chooses_it(database: Database) -> None:
    hooks, paths = HookRegistry(), list[str]()

    @hooks.check_new_password
    def check(password: str, path: str) -> None:
        paths.append(path)
        if "acme" in password:
            raise HookRefusal("PASSWORD_IS_OUR_NAME", "Choose another password")

    service = await serve(database, hooks=hooks)
    assert (await service.sign_up(password="acme-acme")).json()["code"] == "PASSWORD_IS_OUR_NAME"
    assert (await service.sign_up()).status == 200
    assert paths == ["/sign-up/email"] * 2


async def test_hash_without_verification_stops_a_mount(database: Database) -> None:
    hooks = HookRegistry()
    hooks.hash_password(_make)
    with pytest.raises(SettingsError, match="hash_password is registered without verify_password"):
        await serve(database, hooks=hooks)


def test_only_one_function_hashes(own: _Own) -> None:
    with pytest.raises(ValueError, match="hash_password is registered already"):
        own.hooks.hash_password(_make)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BETTER_AUTH_TEST_POSTGRES", raising=False)
    monkeypatch.setenv("BETTER_AUTH_SECRET", STRONG_SECRET)
    return tmp_path


def test_import_takes_hashes_that_a_function_verifies(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "hooks_of_imports.py").write_text(
        "def register(hooks):\n    hooks.verify_password(lambda password, stored: None)\n"
    )
    row = {"email": "ada@example.com", "name": "Ada", "passwordHash": _make(PASSWORD)}
    (folder / "people.jsonl").write_text(json.dumps(row))
    assert main(["migrate"]) == 0
    assert main(["import", "people.jsonl"]) == 3
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("BETTER_AUTH_HOOKS", "hooks_of_imports")
    assert main(["import", "people.jsonl"]) == 0
    assert "1 imported" in capsys.readouterr().out
