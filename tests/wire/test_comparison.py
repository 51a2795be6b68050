"""The replay notices what it should: checked with a service that parrots the recording."""

import json
from fnmatch import fnmatchcase

import msgspec
import pytest

from .comparison import Ledger, mismatches
from .course import OMITTED, PAUSES, REPEATED
from .differences import DIFFERENCES, Replayed, expected
from .recording import Response, load, names
from .replay import replayed
from .servers import EDITS

USER = {
    "createdAt": "2026-11-21T00:44:05.831Z",
    "expiresAt": "2026-11-28T00:44:05.831Z",
    "id": "PdFTk0FD8L7S6TMXwNkYzhW8IIbOpUC6",
}


def every_exchange() -> list[Replayed]:
    return [one for name in names() for one in replayed(name, load(name))]


def answer(**changes: str) -> Response:
    return Response(200, [("content-type", "application/json")], json.dumps(USER | changes))


def differing(ours: Response, recorded: Response | None = None) -> list[str]:
    return list(mismatches(recorded or answer(), ours, Ledger()))


def test_recorded_answers_agree_with_themselves() -> None:
    found = []
    for one in every_exchange():
        plain = msgspec.structs.replace(
            one.exchange.response,
            headers=[line for line in one.exchange.response.headers if line[0] != "set-auth-jwt"],
        )
        if "eyJ" not in plain.body:
            found += list(mismatches(plain, plain, Ledger()))
    assert found == []


def test_other_random_id_agrees() -> None:
    assert differing(answer(id="A" * 32)) == []


def test_id_must_stand_for_the_same_thing_later() -> None:
    ledger = Ledger()
    assert list(mismatches(answer(), answer(id="A" * 32), ledger)) == []
    assert list(mismatches(answer(), answer(id="B" * 32), ledger)) != []


def test_two_recorded_ids_are_not_one_of_ours() -> None:
    ledger = Ledger()
    assert list(mismatches(answer(), answer(id="A" * 32), ledger)) == []
    assert list(mismatches(answer(id="C" * 32), answer(id="A" * 32), ledger)) != []


def test_other_time_agrees_where_the_lifetime_does() -> None:
    later = answer(createdAt="2027-01-01T00:00:00.000Z", expiresAt="2027-01-08T00:00:01.000Z")
    assert differing(later) == []


def test_other_lifetime_is_noticed() -> None:
    assert differing(answer(expiresAt="2026-11-29T00:44:05.831Z")) != []


def test_time_of_another_form_is_noticed() -> None:
    assert differing(answer(createdAt="2026-11-21T00:44:05Z")) != []


@pytest.mark.parametrize(
    "change",
    [
        {"status": 201},
        {"headers": []},
        {"headers": [("content-type", "application/json"), ("x-more", "1")]},
        {"body": json.dumps(dict(reversed(USER.items())))},
        {"body": json.dumps({**USER, "more": 1})},
        {"body": "null"},
        {"body": ""},
    ],
)
def test_change_is_noticed(change: dict[str, object]) -> None:
    assert differing(msgspec.structs.replace(answer(), **change)) != []


def test_order_of_cookies_is_noticed() -> None:
    cookies = [("set-cookie", "a=1"), ("set-cookie", "b=2")]
    one, other = (Response(200, lines, "null") for lines in (cookies, cookies[::-1]))
    assert differing(other, one) != []


def test_every_difference_is_needed() -> None:
    exchanges = every_exchange()
    idle = [
        difference.reason
        for difference in DIFFERENCES
        if not any(
            difference.applies(one)
            and difference.change(one.exchange.response, one) != one.exchange.response
            for one in exchanges
        )
    ]
    assert idle == []


def test_every_named_exchange_is_recorded() -> None:
    recorded = [f"{name}/{one.name}" for name in names() for one in load(name).exchanges]
    replaying = {one.name for one in every_exchange()}
    assert replaying >= REPEATED.keys() | PAUSES.keys() | EDITS.keys()
    assert [p for p in OMITTED if not any(fnmatchcase(name, p) for name in recorded)] == []


def test_expected_answers_are_whole() -> None:
    assert all(expected(one).status for one in every_exchange())
