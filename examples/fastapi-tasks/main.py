"""The task API in FastAPI: the bridge says who is calling, the service's table has their tasks."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from better_auth_bridge import Settings, User
from better_auth_bridge.fastapi import PathUser
from fastapi import Body, FastAPI, HTTPException, Response
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, BaseModel, Field, PlainSerializer


def wire(moment: datetime) -> str:  # as JavaScript writes it
    utc = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    return utc.isoformat(timespec="milliseconds")[:23] + "Z"


FIRST, LAST = datetime(1000, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
Time = Annotated[datetime, Field(ge=FIRST, le=LAST), PlainSerializer(wire)]
Text = Annotated[str, Field(pattern=r"^[^\x00]*$")]  # PostgreSQL can't store NUL
Title = Annotated[str, Field(pattern=r"^[^\x00]*[^\s\x00][^\x00]*$", max_length=200)]
Tags = Annotated[list[Annotated[Text, Field(min_length=1, max_length=50)]], Field(max_length=20)]
Completed = Annotated[bool | None, Body(embed=True)]
Number = Annotated[int, Field(ge=0, lt=2**31)]
Limit = Annotated[int, Field(ge=1, le=1000)]
Status = Literal["all", "pending", "completed"]


class Changes(BaseModel):  # what is left out stays, null empties what may be empty
    title: Title = ""
    description: Annotated[Text, Field(max_length=1000)] | None = None
    completed: bool = False
    priority: Literal["low", "medium", "high"] | None = None
    due_date: Time | None = None
    tags: Annotated[Tags | None, AfterValidator(lambda tags: tags or [])] = []


class NewTask(Changes):
    title: Title


class Task(NewTask):
    id: int
    user_id: str
    created_at: Time
    updated_at: Time


url = sa.make_url(Settings.from_env().database_url or "sqlite:///auth.db")  # the service's
if url.get_backend_name() == "sqlite":  # in mode=rw no file is made where there is none
    engine = sa.create_engine(f"sqlite:///file:{url.database}?mode=rw&uri=1", poolclass=sa.NullPool)
    sa.event.listen(engine, "connect", lambda db, _: db.execute("PRAGMA foreign_keys = ON"))
else:
    engine = sa.create_engine(url.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
tasks = sa.table("tasks", *map(sa.column, Task.model_fields), sa.column("tags", sa.JSON))
try:
    engine.connect().execute(sa.select(tasks).limit(0)).connection.close()
except sa.exc.DBAPIError as error:
    raise SystemExit(f"{str(error.orig).splitlines()[0]}: see TASK_API in the README") from None
app = FastAPI(title="Tasks")
cors: Any = {"allow_methods": ["*"], "allow_headers": ["*"], "expose_headers": ["X-Total-Count"]}
app.add_middleware(CORSMiddleware, allow_origins=Settings.from_env().trusted_origins or (), **cors)
AWAY, GONE = {"detail": "The database can't answer just now"}, {"detail": "The user is gone"}
app.add_exception_handler(sa.exc.OperationalError, lambda *_: JSONResponse(AWAY, 503))
app.add_exception_handler(sa.exc.IntegrityError, lambda *_: JSONResponse(GONE, 401))


def one(statement: sa.Select[Any] | sa.Update | sa.Delete, user: User, task_id: int) -> Task:
    own = statement.where(tasks.c.user_id == user.id, tasks.c.id == task_id)
    with engine.begin() as db:
        if row := db.execute(own).mappings().one_or_none():
            return Task(**row)
    raise HTTPException(404, "There is no such task")


@app.get("/api/{user_id}/tasks")
def list_tasks(
    user: PathUser, reply: Response, status: Status = "all", limit: Limit = 100, offset: Number = 0
) -> list[Task]:
    shown = {"pending": [False], "completed": [True]}.get(status, [False, True])
    found = sa.select(tasks).where(tasks.c.user_id == user.id, tasks.c.completed.in_(shown))
    page = found.order_by(tasks.c.created_at.desc(), tasks.c.id.desc()).limit(limit).offset(offset)
    with engine.connect() as db:
        reply.headers["X-Total-Count"] = str(db.scalar(found.with_only_columns(sa.func.count())))
        return [Task(**row) for row in db.execute(page).mappings()]


@app.post("/api/{user_id}/tasks", status_code=201)
def create_task(user: PathUser, new: NewTask) -> Task:
    now = wire(datetime.now(UTC))
    made = new.model_dump(mode="json") | {"user_id": user.id, "created_at": now, "updated_at": now}
    with engine.begin() as db:
        return Task(**db.execute(sa.insert(tasks).values(made).returning(tasks)).mappings().one())


@app.get("/api/{user_id}/tasks/{task_id}")
def get_task(user: PathUser, task_id: Number) -> Task:
    return one(sa.select(tasks), user, task_id)


@app.patch("/api/{user_id}/tasks/{task_id}")
def change_task(user: PathUser, task_id: Number, changes: Changes) -> Task:
    values = changes.model_dump(mode="json", exclude_unset=True)
    values["updated_at"] = wire(datetime.now(UTC))
    return one(sa.update(tasks).values(values).returning(tasks), user, task_id)


@app.patch("/api/{user_id}/tasks/{task_id}/complete")
def complete_task(user: PathUser, task_id: Number, completed: Completed = None) -> Task:
    value = sa.not_(tasks.c.completed) if completed is None else completed
    values = {"completed": value, "updated_at": wire(datetime.now(UTC))}
    return one(sa.update(tasks).values(values).returning(tasks), user, task_id)


@app.delete("/api/{user_id}/tasks/{task_id}", status_code=204)
def delete_task(user: PathUser, task_id: Number) -> None:
    one(sa.delete(tasks).returning(tasks), user, task_id)
