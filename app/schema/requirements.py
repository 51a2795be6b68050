"""What the service requires of a schema."""

from typing import Final

from msgspec import Struct

from ..settings.settings import Settings
from .columns import Fields


class Requirements(Struct, frozen=True):
    """What the settings require of a schema. `task_api` None: no tasks in an adopted database.

    `fields`: additional fields by table. `storage`: there is a secondary storage, where a Node
    server may store the sessions. `password_hash`, `chosen_claims` and `is_https` are only for the
    lines of `migrate`: the kind of new hashes (unless the schema decides), and whether the settings
    choose the claims of access tokens.
    """

    task_api: bool | None = None
    rate_limits: bool = False
    storage: bool = False
    fields: Fields = {}
    password_hash: str | None = None
    chosen_claims: bool = False
    is_https: bool = False


DEFAULTS: Final = Requirements()


def derive_requirements(settings: Settings) -> Requirements:
    """Returns what these settings require of the schema."""
    return Requirements(
        task_api=settings.offers_tasks,
        is_https=settings.is_https,
        rate_limits=settings.rate_limit.enabled and settings.rate_limit_storage == "database",
        storage=settings.redis_url is not None,
        fields={
            "user": settings.user.additional_fields,
            "session": settings.session.additional_fields,
        },
        password_hash=settings.password_hash,
        chosen_claims=settings.jwt.claims is not None or settings.jwt.alg != "HS256",
    )
