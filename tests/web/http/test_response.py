"""Headers leave as they were written."""

import msgspec
import pytest

from app.web.http.asgi import Header, Message
from app.web.http.response import EmptyResponse, JsonResponse, Redirect
from tests.support.asgi import Answer


async def sent(response: JsonResponse[object] | EmptyResponse) -> Answer:
    messages: list[Message] = []

    async def send(message: Message) -> None:
        messages.append(message)

    await response.send(send)
    start, body = messages
    headers = [(k.decode("latin-1"), v.decode("latin-1")) for k, v in start["headers"]]
    return Answer(start["status"], headers, body["body"])


def headers_of(headers: list[Header]) -> list[Header]:
    return JsonResponse(None, headers).list_sent_headers()


def test_repeated_names_and_the_order_of_attributes_are_kept() -> None:
    sent = [
        ("set-cookie", "a=1; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"),
        ("set-cookie", "a=1; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"),
        ("set-cookie", "b=2"),
    ]
    assert headers_of(sent)[:3] == sent


@pytest.mark.parametrize(
    ("names", "exposed"),
    [
        ([], None),
        (["set-cookie"], None),
        (["set-auth-token"], "set-auth-token"),
        (["set-auth-token", "set-auth-jwt"], "set-auth-jwt, set-auth-token"),
        (["set-auth-token", "set-ott"], "set-auth-token, set-ott"),
    ],
)
def test_headers_for_scripts_are_exposed_in_the_original_s_order(
    names: list[str], exposed: str | None
) -> None:
    sent = dict(headers_of([(name, "x") for name in names]))
    assert sent.get("access-control-expose-headers") == exposed


@pytest.mark.parametrize("name", ["set-auth-token", "set-ott"])
def test_only_the_last_token_of_several_is_sent(name: str) -> None:
    """Of a session that was renewed, and then sent again or replaced."""
    for first, second in (("a", "b"), ("b", "b")):
        given = [(name, first), ("set-cookie", "y"), ("set-cookie", "z"), (name, second)]
        sent = [header for header in headers_of(given) if header[1] in "abyz"]
        assert sent == [("set-cookie", "y"), ("set-cookie", "z"), (name, "b")]


def test_latin_1_values_are_sent_as_they_are() -> None:
    assert ("location", "/é") in headers_of([("location", "/é")])


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("content", "body"),
    [(None, b"null"), ({"a": "é/</script>"}, '{"a":"é/</script>"}'.encode())],
)
async def test_body_is_compact_json_with_unescaped_text(content: object, body: bytes) -> None:
    answer = await sent(JsonResponse(content))
    assert (answer.status, answer.body) == (200, body)
    assert answer.header("content-type") == "application/json"
    assert answer.header("content-length") == str(len(body))


def test_what_is_left_out_is_no_content() -> None:
    with pytest.raises(TypeError):
        JsonResponse(msgspec.UNSET)


@pytest.mark.anyio
async def test_empty_response_is_called_json_too() -> None:
    answer = await sent(Redirect("/next", [("set-cookie", "a=b")]))
    assert (answer.status, answer.body, answer.header("location")) == (302, b"", "/next")
    assert answer.header("content-type") == "application/json"
    assert (await sent(EmptyResponse(405))).status == 405


def test_other_headers_come_before_its_own() -> None:
    own = JsonResponse(None, [("set-cookie", "b=2")])
    both = own.with_headers([("set-cookie", "a=1")]).list_sent_headers()
    assert both[:2] == [("set-cookie", "a=1"), ("set-cookie", "b=2")]
