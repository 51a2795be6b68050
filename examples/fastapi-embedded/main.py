"""Sign-up to tasks in one process: Better Auth's server with tables and routes of our own."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Annotated, Any

import sqlalchemy as sa
from better_auth_service import BetterAuth, User
from better_auth_service.bridge import configure
from better_auth_service.bridge.fastapi import PathUser
from fastapi import FastAPI, HTTPException
from fastapi.middleware.cors import CORSMiddleware
from pydantic import BaseModel, StringConstraints
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

auth = BetterAuth.from_env()
configure(auth.bridge())  # PathUser reads the sessions of this process

url = sa.make_url(auth.settings.database_url)
driver = "sqlite+aiosqlite" if url.get_backend_name() == "sqlite" else "postgresql+psycopg"
engine = create_async_engine(url.set(drivername=driver), pool_pre_ping=True)
metadata = sa.MetaData()
users = sa.Table("user", metadata, sa.Column("id", sa.Text, primary_key=True))  # Better Auth's
profiles = sa.Table(
    "profiles",
    metadata,
    sa.Column("user_id", sa.Text, sa.ForeignKey(users.c.id, ondelete="CASCADE"), primary_key=True),
    sa.Column("greeting", sa.Text, nullable=False),
)
items = sa.Table(
    "items",  # the service has a table `tasks` of its own
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("user_id", sa.Text, sa.ForeignKey(users.c.id, ondelete="CASCADE"), index=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("completed", sa.Boolean, nullable=False, default=False),
)


class NewTask(BaseModel):
    title: Annotated[str, StringConstraints(pattern=r"^[^\x00]*\S[^\x00]*$", max_length=200)]


class Changes(BaseModel):
    completed: bool


class Task(NewTask, Changes):
    id: int


@auth.hooks.user_created
async def add_profile(user: User, connection: AsyncConnection) -> None:
    """Runs in the transaction of the sign-up: both rows are there, or neither."""
    row = {"user_id": user.id, "greeting": f"Hello {user.name}"}
    await connection.execute(sa.insert(profiles).values(row))


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
    async with auth.lifespan():  # its tables are there now, for the foreign keys
        async with engine.begin() as db:
            await db.run_sync(metadata.create_all)
        yield
    await engine.dispose()


app = FastAPI(title="Tasks", lifespan=lifespan)
app.mount("/api/auth", auth)
auth.add_operations(app)  # to /docs
app.add_middleware(
    CORSMiddleware,
    allow_origins=auth.settings.trusted_origins,
    allow_methods=["*"],
    allow_headers=["*"],
    allow_credentials=True,
    expose_headers=["set-auth-token", "set-auth-jwt", "X-Retry-After"],
)


async def run(statement: sa.Executable) -> Mapping[Any, Any]:
    """Returns the one row that the statement finds, changes or deletes."""
    async with engine.begin() as db:
        if row := (await db.execute(statement)).mappings().one_or_none():
            return row
    raise HTTPException(404, "There is no such task")


@app.get("/api/{user_id}/profile")
async def get_profile(user: PathUser) -> dict[str, str]:
    found = sa.select(profiles.c.greeting).where(profiles.c.user_id == user.id)
    return {"greeting": (await run(found))["greeting"]}


@app.get("/api/{user_id}/tasks")
async def list_tasks(user: PathUser) -> list[Task]:
    own = sa.select(items).where(items.c.user_id == user.id).order_by(items.c.id)
    async with engine.connect() as db:
        return [Task(**row) for row in (await db.execute(own)).mappings()]


@app.post("/api/{user_id}/tasks", status_code=201)
async def create_task(user: PathUser, new: NewTask) -> Task:
    made = sa.insert(items).values(user_id=user.id, title=new.title).returning(items)
    return Task(**await run(made))


@app.patch("/api/{user_id}/tasks/{task_id}")
async def change_task(user: PathUser, task_id: int, changes: Changes) -> Task:
    own = sa.update(items).where(items.c.user_id == user.id, items.c.id == task_id)
    return Task(**await run(own.values(completed=changes.completed).returning(items)))


@app.delete("/api/{user_id}/tasks/{task_id}", status_code=204)
async def delete_task(user: PathUser, task_id: int) -> None:
    own = sa.delete(items).where(items.c.user_id == user.id, items.c.id == task_id)
    await run(own.returning(items.c.id))
