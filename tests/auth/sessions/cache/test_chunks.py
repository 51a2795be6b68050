"""How long values are cut up, held against the original."""

import pytest

from app.auth.sessions.cache.chunks import join_chunks, list_cookies, split_value

from .original import NAME, SESSION, USER, ask

ATTRIBUTES = "; Max-Age=300; Path=/; HttpOnly; SameSite=Lax"
ROOM = 4050 - len(f"{NAME}.99={ATTRIBUTES}")


def test_value_that_fits_stays_whole() -> None:
    assert split_value(NAME, "x" * ROOM, ATTRIBUTES) == {NAME: "x" * ROOM}


def test_one_byte_more_makes_two_numbered_chunks() -> None:
    value = "x" * ROOM + "y"
    assert split_value(NAME, value, ATTRIBUTES) == {f"{NAME}.0": "x" * ROOM, f"{NAME}.1": "y"}


def test_every_line_keeps_below_the_limit_of_browsers() -> None:
    """PR #10088: browsers drop a cookie above 4096 bytes without a word."""
    for name, value in split_value(NAME, "x" * ROOM * 100, ATTRIBUTES).items():
        assert len(f"{name}={value}{ATTRIBUTES}") <= 4050


@pytest.mark.parametrize(("length", "cookies"), [(ROOM * 100, 100), (ROOM * 100 + 1, 0)])
def test_more_than_a_hundred_chunks_are_none(length: int, cookies: int) -> None:
    assert len(split_value(NAME, "x" * length, ATTRIBUTES)) == cookies


def test_attributes_that_leave_no_room_leave_no_cookie() -> None:
    assert split_value(NAME, "x", "; Path=/" + "p" * 4050) == {}


@pytest.mark.parametrize("size", [100, 2200, 3000, 9000])
def test_original_cuts_at_the_same_places(size: int) -> None:
    user = {**USER, "name": "n" * size}
    answer = ask("compact", set={"session": SESSION, "user": user})
    theirs = {line.partition("=")[0]: line.partition("=")[2] for line in answer["lines"]}
    whole = "".join(line.partition(";")[0] for line in theirs.values())
    ours = split_value(NAME, whole, ATTRIBUTES)
    assert {name: f"{value}{ATTRIBUTES}" for name, value in ours.items()} == theirs


def test_chunks_are_put_together_by_their_numbers() -> None:
    value = "".join(chr(97 + i % 26) for i in range(ROOM * 11 + 5))
    chunks = split_value(NAME, value, ATTRIBUTES)
    assert len(chunks) == 12
    backwards = {name: chunks[name] for name in sorted(chunks, reverse=True)}
    assert join_chunks(NAME, {"a": "b", **backwards}) == value


def test_whole_cookie_counts_before_chunks() -> None:
    assert join_chunks(NAME, {f"{NAME}.0": "old", NAME: "new"}) == "new"
    assert join_chunks(NAME, {f"{NAME}.0": "old", NAME: ""}) == "old"


def test_no_cookie_is_an_empty_value() -> None:
    assert join_chunks(NAME, {"other": "x"}) == ""


@pytest.mark.parametrize("end", ["", ".0", ".7", ".12", ".99"])
def test_cookie_and_its_chunks_belong_together(end: str) -> None:
    assert list_cookies(NAME, ["x", NAME + end]) == (NAME + end,)


@pytest.mark.parametrize("end", [".x", ".01", ".-1", ".", ".1.2", "_extra", ".1e3", ".\xb2", "0"])
def test_other_names_are_somebody_else_s(end: str) -> None:
    assert list_cookies(NAME, [NAME + end]) == ()
