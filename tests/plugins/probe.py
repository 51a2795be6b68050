"""Runs in a copy of the service: all is imported, a database is made, somebody signs up."""

import asyncio
import importlib
import json
import pkgutil
import sys
from pathlib import Path
from typing import cast

import app
from app.schema.migrate import migrate
from app.schema.state import inspect_schema
from app.server.app import create_service_app, make_openapi_document
from app.server.container import Container
from app.server.plugins import derive_requirements, read_settings
from app.server.resources import Resources
from tests.support.asgi import call, json_body

_SKIPPED = ("app.__main__", "app.bridge.fastapi")


def import_all() -> None:
    for module in pkgutil.walk_packages(app.__path__, "app."):
        if not module.name.startswith(_SKIPPED) and ".migrations" not in module.name:
            importlib.import_module(module.name)


async def try_out() -> dict[str, object]:
    """What the service does."""
    settings = read_settings()
    requirements = derive_requirements(settings)
    report = await migrate(settings.database_url, requirements)
    resources = await Resources.open(settings)
    schema = await inspect_schema(resources.database, requirements)
    service = create_service_app(Container(settings, resources, schema))
    ada = {"name": "Ada", "email": "ada@example.com", "password": "correct horse"}
    json_type = [("content-type", "application/json")]
    up = await call(service, "POST", "/api/auth/sign-up/email", json_type, json_body(ada))
    cookie = [("cookie", up.header_list("set-cookie")[0].partition(";")[0])]
    found = await call(service, "GET", "/api/auth/get-session", cookie)
    bearer = [("authorization", "Bearer " + up.json()["token"])]
    document = await make_openapi_document()
    told = {
        "lines": report.lines,
        "email": found.json()["user"]["email"],
        "fields": list(found.json()["user"]),
        "bearer": (await call(service, "GET", "/api/auth/get-session", bearer)).json() is not None,
        "jwt": found.header("set-auth-jwt") is not None,
        "token": (await call(service, "GET", "/api/auth/token", cookie)).status,
        "tasks": (await call(service, "GET", "/api/tasks")).status,
        "paths": list(cast("dict[str, object]", document["paths"])),
    }
    await resources.close()
    return told


if __name__ == "__main__":
    assert Path(app.__file__).is_relative_to(Path.cwd())
    import_all()
    sys.stdout.write(json.dumps(asyncio.run(try_out())) + "\n")
