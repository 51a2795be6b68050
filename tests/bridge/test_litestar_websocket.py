"""The guard on a WebSocket of a real Litestar application."""

from collections.abc import Iterator
from typing import Any

import pytest
from litestar import Litestar, WebSocket, websocket
from litestar.exceptions import WebSocketDisconnect
from litestar.testing import TestClient

from app.bridge import Presented, Unavailable, User, Verifier
from app.bridge.litestar import BridgePlugin, requires_user

from .minting import SECRET, mint


class Away:
    """An authenticator that can't ask whom it has to ask."""

    async def authenticate(self, presented: Presented) -> User:
        raise Unavailable("10.0.0.7 refused the connection")


async def greet(socket: WebSocket[User, Any, Any]) -> None:
    await socket.accept()
    await socket.send_text(socket.user.id)
    await socket.close()


@pytest.fixture
def client() -> Iterator[TestClient[Litestar]]:
    app = Litestar(
        [
            websocket("/live/{user_id:str}", guards=[requires_user(Verifier(SECRET))])(greet),
            websocket("/away", guards=[requires_user(Away())])(greet),
        ],
        plugins=[BridgePlugin()],
    )
    with TestClient(app) as made:
        yield made


def test_caller_is_at_the_socket(client: TestClient[Litestar]) -> None:
    headers = {"authorization": f"Bearer {mint()}"}
    with client.websocket_connect("/live/user-1", headers=headers) as socket:
        assert socket.receive_text() == "user-1"


@pytest.mark.parametrize(
    ("path", "signed", "code", "reason"),
    [
        ("/live/user-1", False, 4401, "signature is not base64url as it is written"),
        ("/live/user-2", True, 4403, "This path belongs to another user"),
        ("/away", True, 4503, "The credentials can't be checked at the moment, try again"),
    ],
)
def test_refusal_closes_with_4000_and_its_status(
    client: TestClient[Litestar], path: str, code: int, reason: str, *, signed: bool
) -> None:
    headers = {"authorization": f"Bearer {mint() if signed else 'a.b.c'}"}
    with (
        pytest.raises(WebSocketDisconnect) as closed,
        client.websocket_connect(path, headers=headers) as socket,
    ):
        socket.receive_text()
    assert (closed.value.code, closed.value.detail) == (code, reason)
