"""The comparison notices what it should: checked with two answers that differ in one thing."""

import json
import time
from collections.abc import Callable

import pytest

from .comparison import mismatches
from .http import Answer, Header
from .mailbox import Letter
from .side import Step

SECRET = "a-secret-for-tests-only-k3J9vQ2mX7pL4"
ID, OTHER = "PdFTk0FD8L7S6TMXwNkYzhW8IIbOpUC6", "znBobUJLtCyuczpe1mCXWElCq8ajx6pu"
USER = {
    "createdAt": "2026-11-21T00:44:05.831Z",
    "expiresAt": "2026-11-28T00:44:05.831Z",
    "id": ID,
}
HEADERS: list[Header] = [("Content-Type", "application/json"), ("Date", "now")]
COOKIES: list[Header] = [("Set-Cookie", "a=1; Path=/; HttpOnly"), ("Set-Cookie", "b=2")]


def step(body: object = USER, headers: list[Header] = HEADERS, status: int = 200) -> Step:
    content = body if isinstance(body, bytes) else json.dumps(body, separators=(",", ":")).encode()
    return Step("1 GET /x", time.time(), Answer(status, "OK", headers, content))


def fields(original: list[Step], ours: list[Step]) -> list[str]:
    return [found.field for found in mismatches(original, ours, SECRET)]


def test_equal_answers_agree() -> None:
    assert fields([step()], [step()]) == []


def test_other_id_agrees_as_long_as_it_stands_for_the_same() -> None:
    ours = step({**USER, "id": OTHER})
    assert fields([step()], [ours]) == []
    assert fields([step(), step()], [ours, step()]) == ["body.id"]


def test_headers_of_the_connection_are_not_compared() -> None:
    assert fields([step()], [step(headers=HEADERS[:1])]) == []


@pytest.mark.parametrize(
    ("ours", "field"),
    [
        (lambda: step(status=201), "status"),
        (lambda: step(headers=[]), "header.content-type"),
        (lambda: step(headers=[*HEADERS, ("X-More", "1")]), "header.x-more"),
        (lambda: step(dict(reversed(USER.items()))), "body.order"),
        (lambda: step({**USER, "more": None}), "body.more"),
        (lambda: step({**USER, "createdAt": "2026-11-21T00:44:05Z"}), "body.createdAt"),
        (lambda: step({**USER, "expiresAt": "2026-11-29T00:44:05.831Z"}), "body.expiresAt"),
        (lambda: step(json.dumps(USER).encode()), "compact"),
        (lambda: step(None), "body"),
    ],
)
def test_change_is_noticed(ours: Callable[[], Step], field: str) -> None:
    assert fields([step()], [ours()])[0] == field


def test_order_and_attributes_of_cookies_are_noticed() -> None:
    turned = [("Set-Cookie", "a=1; HttpOnly; Path=/"), COOKIES[1]]
    assert fields([step(headers=COOKIES)], [step(headers=COOKIES[::-1])]) != []
    assert fields([step(headers=COOKIES)], [step(headers=turned)]) == [
        "cookie.a.attributes.0",
        "cookie.a.attributes.1",
    ]


def test_wrong_signature_is_noticed() -> None:
    right = "GQToi06K5KGOugInC155Z6Pz+/E0KWR5CD/SB8/oUrY="
    signed = [step(headers=[("Set-Auth-Token", f"x.{right}")])]
    wrong = step(headers=[("Set-Auth-Token", f"x.{'A' * 43}=")])
    assert fields(signed, [wrong]) == ["header.set-auth-token.0.signature"]


def test_step_that_one_side_lacks_is_noticed() -> None:
    assert fields([step(), step()], [step()]) == ["step"]


def test_tokens_within_links_may_differ() -> None:
    links = [f"http://localhost:4000/verify?token={each}&callbackURL=%2F" for each in (ID, "short")]
    letters = [Step("mail", 0, letter=Letter("a@b.co", link)) for link in links]
    assert fields(letters[:1], letters[1:]) == []
