"""The same API as `consumer_fastapi`, in Litestar."""

from better_auth_bridge import User
from better_auth_bridge.litestar import BridgePlugin, CurrentUser, provide_user, requires_user
from litestar import Litestar, Request, Router, get
from litestar.datastructures import State


@get("/me", dependencies={"user": provide_user()})
async def me(user: CurrentUser) -> dict[str, str | None]:
    return {"id": user.id, "email": user.email, "session": user.session_id}


@get("/{user_id:str}/tasks")
async def tasks(request: Request[User, str | None, State]) -> list[str]:
    return [request.user.id]


app = Litestar(
    [me, Router("/api", route_handlers=[tasks], guards=[requires_user()])],
    plugins=[BridgePlugin()],
)
