"""Header lines leave as they were written."""

import msgspec
import pytest

from app.web.http.response import Answer


def lines(answer: Answer[object]) -> list[tuple[str, str]]:
    made = answer.to_asgi_response(None, None)  # type: ignore[arg-type]  # neither is looked at
    return [(k.decode("latin-1"), v.decode("latin-1")) for k, v in made.encode_headers()]


def test_repeated_names_and_the_order_of_attributes_are_kept() -> None:
    sent = [
        ("set-cookie", "a=1; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"),
        ("set-cookie", "a=1; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"),
        ("set-cookie", "b=2"),
    ]
    assert lines(Answer(None, sent))[:3] == sent


@pytest.mark.parametrize(
    ("names", "exposed"),
    [
        ([], None),
        (["set-cookie"], None),
        (["set-auth-token"], "set-auth-token"),
        (["set-auth-token", "set-auth-jwt"], "set-auth-jwt, set-auth-token"),
    ],
)
def test_headers_for_scripts_are_exposed_in_the_original_s_order(
    names: list[str], exposed: str | None
) -> None:
    sent = dict(lines(Answer(None, [(name, "x") for name in names])))
    assert sent.get("access-control-expose-headers") == exposed


def test_only_the_last_token_of_several_is_sent() -> None:
    """Of a session that was renewed, and then sent again or replaced."""
    for first, second in (("a", "b"), ("b", "b")):
        given = [("set-auth-token", first), ("x", "y"), ("set-auth-token", second)]
        sent = [value for name, value in lines(Answer(None, given)) if name == "set-auth-token"]
        assert sent == ["b"]


def test_latin_1_values_are_sent_as_they_are() -> None:
    assert ("location", "/é") in lines(Answer(None, [("location", "/é")]))


@pytest.mark.parametrize(
    ("content", "body"),
    [
        (None, b"null"),
        ({"a": "é/</script>"}, '{"a":"é/</script>"}'.encode()),
        (msgspec.UNSET, None),
    ],
)
def test_body_is_compact_json_with_unescaped_text(content: object, body: bytes | None) -> None:
    if body is None:
        with pytest.raises(TypeError):
            Answer(content).to_asgi_response(None, None)  # type: ignore[arg-type]  # as above
    else:
        made = Answer(content).to_asgi_response(None, None)  # type: ignore[arg-type]  # as above
        assert made.body == body
        assert dict(made.encode_headers())[b"content-type"] == b"application/json"


def test_status_is_the_given_one() -> None:
    made = Answer(None, status_code=405).to_asgi_response(None, None)  # type: ignore[arg-type]  # as above
    assert made.status_code == 405
