"""An API that has nothing to do with the service but its environment."""

from better_auth_bridge.fastapi import CurrentUser, LiveUser, OptionalUser, PathUser, current_user
from fastapi import APIRouter, Depends, FastAPI, WebSocket

app = FastAPI()
members = APIRouter(prefix="/members/{user_id}")


@app.get("/me")
async def me(user: CurrentUser) -> dict[str, str | None]:
    return {"id": user.id, "email": user.email, "session": user.session_id, "sub": user["sub"]}


@app.get("/api/{user_id}/tasks")
async def tasks(user: PathUser) -> list[str]:
    return [user.id]


@app.get("/hello")
def hello(user: OptionalUser) -> str:
    return f"Hello {user.name}" if user else "Hello stranger"


@members.get("/name")
def name(user_id: str, user: PathUser) -> str | None:
    assert user_id == user.id
    return user.name


@app.get("/guarded", dependencies=[Depends(current_user)])
def guarded() -> None:
    return None


@app.get("/open")
def open_to_all() -> None:
    return None


@app.websocket("/live")
async def live(socket: WebSocket, user: CurrentUser) -> None:
    await socket.accept()
    await socket.send_text(user.id)
    await socket.close()


app.include_router(members)

__all__ = ["LiveUser", "app"]
