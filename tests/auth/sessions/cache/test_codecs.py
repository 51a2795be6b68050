"""Every strategy, held against the original: either side reads what the other wrote."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.auth.sessions.cache.codec import Codec
from app.auth.sessions.cache.compact import Compact
from app.auth.sessions.cache.encrypted import Encrypted
from app.auth.sessions.cache.signed import Signed
from app.models.clock import now as clock
from app.models.clock import to_milliseconds

from .original import NAME, SECRET, SESSION, USER, ask, written

NOW = clock()
PAYLOAD = {"session": SESSION, "user": USER, "updatedAt": to_milliseconds(NOW), "version": "1"}
TEXT = json.dumps(PAYLOAD, ensure_ascii=False, separators=(",", ":")).encode()
MAKERS: dict[str, Callable[[str], Codec]] = {
    "compact": Compact,
    "jwt": Signed,
    "jwe": lambda secret: Encrypted([secret]),
}
CODECS = {name: make(SECRET) for name, make in MAKERS.items()}
OLD = "old-secret-of-these-tests-k3J9vQ2mX7pL4"
NEW = "new-secret-of-these-tests-8fQ1zWc5nB0yT"

NONSENSE = (
    *("", ".", "zz", "....", "a.b.c", "a.b.c.d.e", "%", "é", "\x00", "=", "e30", "W10", "bnVsbA"),
    *("e30.e30.e30", "W10.W10.W10", "W10....", "MQ....", "eyJhbGciOiJkaXIifQ....", "e30...e30."),
)

every = pytest.mark.parametrize("strategy", sorted(CODECS))


def core(payload: dict[str, Any]) -> dict[str, Any]:
    return {name: payload[name] for name in PAYLOAD}


@every
def test_original_reads_what_we_write(strategy: str) -> None:
    now = clock()
    answer = ask(strategy, cookie=f"{NAME}={CODECS[strategy].seal(TEXT, 300, now)}")
    assert core(answer["cache"]) == PAYLOAD
    assert core(answer["decoded"]["session"]) == PAYLOAD
    assert abs(answer["decoded"]["expiresAt"] - to_milliseconds(now) - 300_000) < 1000


@every
@pytest.mark.parametrize(
    ("strategy_age", "forgetful"), [(120, False), (300, True)], ids=["remembered", "forgetful"]
)
def test_we_read_what_the_original_writes(
    strategy: str, strategy_age: int, *, forgetful: bool
) -> None:
    options = {"maxAge": strategy_age}
    opened = CODECS[strategy].open(
        written(strategy, options=options, dontRemember=forgetful), clock()
    )
    assert opened is not None
    found = json.loads(opened.payload)
    assert {**core(found), "updatedAt": 0} == {**PAYLOAD, "updatedAt": 0}
    age = 60 if forgetful and strategy == "compact" else strategy_age
    assert abs(opened.expires_at - found["updatedAt"] - age * 1000) < 1100


@every
def test_keys_stand_in_the_original_s_order(strategy: str) -> None:
    ours = CODECS[strategy].open(CODECS[strategy].seal(TEXT, 300, NOW), NOW)
    theirs = CODECS[strategy].open(written(strategy), clock())
    assert ours is not None
    assert theirs is not None
    names = [json.loads(one.payload, object_pairs_hook=_names) for one in (ours, theirs)]
    assert names[0] == names[1]


def _names(pairs: list[tuple[str, Any]]) -> list[Any]:
    return [(name, value if isinstance(value, list) else None) for name, value in pairs]


@every
def test_header_and_envelope_are_the_original_s(strategy: str) -> None:
    ours, theirs = (
        _decoded(value) for value in (CODECS[strategy].seal(TEXT, 300, NOW), written(strategy))
    )
    assert ours == theirs


def _decoded(value: str) -> Any:
    part = value.partition(".")[0]
    text = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    document = json.loads(text)
    return document if "alg" in document else list(document)


@every
@pytest.mark.parametrize(("age", "forgetful_age"), [(300, {"compact": 60, "jwt": 300, "jwe": 300})])
def test_forgetful_cookie_has_an_end_of_its_own(
    strategy: str, age: int, forgetful_age: dict[str, int]
) -> None:
    for given, expected in ((age, age), (None, forgetful_age[strategy])):
        opened = CODECS[strategy].open(CODECS[strategy].seal(TEXT, given, NOW), NOW)
        assert opened is not None
        assert abs(opened.expires_at - to_milliseconds(NOW) - expected * 1000) < 1000


@every
def test_token_that_has_ended_is_none(strategy: str) -> None:
    """What `compact` holds says for itself when it ends."""
    opened = CODECS[strategy].open(CODECS[strategy].seal(TEXT, 300, NOW), NOW + timedelta(hours=1))
    assert (opened is not None) is (strategy == "compact")


@every
def test_another_secret_opens_nothing(strategy: str) -> None:
    value = CODECS[strategy].seal(TEXT, 300, NOW)
    assert MAKERS[strategy](OLD).open(value, NOW) is None


@every
def test_no_strategy_reads_another_s(strategy: str) -> None:
    value = CODECS[strategy].seal(TEXT, 300, NOW)
    readers = [name for name, codec in CODECS.items() if codec.open(value, NOW) is not None]
    assert readers == [strategy]


@every
def test_every_changed_character_is_noticed(strategy: str) -> None:
    codec = CODECS[strategy]
    value = codec.seal(TEXT, 300, NOW)
    for at in range(0, len(value) - 1, 7):  # the last may hold bits that count for nothing
        other = "A" if value[at] != "A" else "B"
        changed = value[:at] + other + value[at + 1 :]
        assert codec.open(changed, NOW) is None, at


@every
@pytest.mark.parametrize("value", NONSENSE)
def test_nonsense_is_none(strategy: str, value: str) -> None:
    assert CODECS[strategy].open(value, NOW) is None


@every
@pytest.mark.parametrize("start", ['{"session":', '{"kid":', ""])
def test_nesting_deeper_than_can_be_read_is_none(strategy: str, start: str) -> None:
    text = base64.urlsafe_b64encode((start + '{"a":' * 3000).encode()).decode().rstrip("=")
    for value in (text, f"{text}.e30.e30", f"{text}..e30.e30.e30"):
        assert CODECS[strategy].open(value, NOW) is None


def test_token_that_signs_nothing_is_none() -> None:
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    body = CODECS["jwt"].seal(TEXT, 300, NOW).split(".")[1]
    assert CODECS["jwt"].open(f"{head}.{body}.", NOW) is None


def test_current_secret_encrypts_and_every_one_decrypts() -> None:
    before, after = Encrypted([OLD]), Encrypted([NEW, OLD])
    assert after.open(before.seal(TEXT, 300, NOW), NOW) is not None
    assert before.open(after.seal(TEXT, 300, NOW), NOW) is None


def test_original_with_the_same_versions_reads_ours_and_we_its() -> None:
    versions = {"keys": [[2, NEW], [1, OLD]], "currentVersion": 2}
    ours = Encrypted([NEW, OLD])
    for value in (ours.seal(TEXT, 300, clock()), Encrypted([OLD]).seal(TEXT, 300, clock())):
        answer = ask("jwe", secret=versions, cookie=f"{NAME}={value}")
        assert core(answer["decoded"]["session"]) == PAYLOAD
    assert ours.open(written("jwe", secret=versions), clock()) is not None
