"""The peer as its documentation says to serve it; runs in its own environment, see README.md."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from better_auth import BetterAuth, EmailAndPassword, RateLimit
from better_auth.adapters.sqlalchemy import SQLAlchemyAdapter
from better_auth.integrations.fastapi import BetterAuthFastAPI
from better_auth.plugins_ext import BearerPlugin, JWTPlugin
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import create_async_engine

adapter = SQLAlchemyAdapter(create_async_engine(os.environ["DATABASE_URL"]))
auth = BetterAuth(
    secret=os.environ["BETTER_AUTH_SECRET"],
    base_url=os.environ["BETTER_AUTH_URL"],
    adapter=adapter,
    email_and_password=EmailAndPassword(enabled=True),
    rate_limit=RateLimit(enabled=False),
    plugins=[
        JWTPlugin(disable_setting_jwt_header="NO_TOKEN_HEADER" in os.environ),
        BearerPlugin(),
    ],
)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    await adapter.create_tables()
    yield


app = FastAPI(lifespan=lifespan)
app.include_router(BetterAuthFastAPI(auth).router)
