"""What a Redis or Valkey server tells about itself."""

from collections.abc import Mapping

from msgspec import Struct


class RedisState(Struct, frozen=True):
    """The facts that matter. `time` is Unix seconds; None: the server does not say.

    `release` is that of Redis with which a Valkey is compatible, `evicted` a number of keys.
    """

    name: str
    release: tuple[int, int]
    mode: str
    policy: str | None
    evicted: int
    appends: bool
    keeps_on_disk: bool | None
    save_failed: bool
    time: float


def describe_state(info: Mapping[str, object], save: str | None, time: float) -> RedisState:
    """Reads the answer to INFO. `save` is that setting, None if it may not be read."""
    release = str(info.get("redis_version", "0.0"))
    valkey = info.get("valkey_version")
    appends = bool(info.get("aof_enabled", 0))
    return RedisState(
        name=f"Redis {release}" if valkey is None else f"Valkey {valkey}",
        release=_parse_release(release),
        mode=str(info.get("redis_mode", "standalone")),
        policy=None if (policy := info.get("maxmemory_policy")) is None else str(policy),
        evicted=int(str(info.get("evicted_keys", 0))),
        appends=appends,
        keeps_on_disk=True if appends else None if save is None else bool(save.strip()),
        save_failed=info.get("rdb_last_bgsave_status", "ok") != "ok",
        time=time,
    )


def _parse_release(text: str) -> tuple[int, int]:
    major, minor, *_ = (*text.split("."), "0", "0")
    return (int(major), int(minor)) if major.isdigit() and minor.isdigit() else (0, 0)
