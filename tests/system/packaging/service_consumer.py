"""An application that mounts the service, by the names that `better_auth_service` publishes."""

from better_auth_service import BetterAuth, PendingUser, Session, Settings, User, __version__
from fastapi import FastAPI, HTTPException, Request

auth = BetterAuth(
    Settings(secret="a-secret-for-type-checkers-only-k3J9vQ", url="http://localhost:8000")
)
app = FastAPI(lifespan=auth.lifespan, version=__version__)
app.mount("/api/auth", auth)


@app.get("/me")
async def me(request: Request) -> dict[str, str]:
    active = await auth.get_session(request.headers)
    if active is None:
        raise HTTPException(401)
    return describe(active.session, active.user)


def describe(session: Session, user: User) -> dict[str, str]:
    return {"id": user.id, "email": user.email, "until": session.expires_at}


def rename(pending: PendingUser) -> str:
    return pending.name.strip()


@app.post("/people")
async def create(email: str) -> str:
    made = await auth.api.create_user(email=email, name="Ada")
    return made.id
