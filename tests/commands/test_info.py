import json
from pathlib import Path

from app import __version__
from app.server.plugins import VARIABLES
from tests.commands.program import SECRET, run
from tests.support.webhooks import SECRET as WEBHOOK_SECRET

STORES = {
    "DATABASE_URL": "postgresql://ada:opensesame@db.internal/auth",
    "REDIS_URL": "redis://:opensesame@cache.internal",
    "SMTP_URL": "smtp://ada:opensesame@mail.internal",
    "MAIL_FROM": "auth@example.com",
    "WEBHOOK_URL": "https://hooks.example/in?token=opensesame",
    "WEBHOOK_SECRET": WEBHOOK_SECRET,
}


def test_lists_what_differs_from_the_defaults(tmp_path: Path) -> None:
    done = run(
        tmp_path,
        "info",
        BETTER_AUTH_SECRET=SECRET,
        BETTER_AUTH_PLUGINS="username,admin",
        BETTER_AUTH_ADMIN_ADMIN_USER_IDS="u1,u2",
    )
    assert (done.returncode, done.stderr) == (0, "")
    above, _, below = done.stdout.partition("\n\n")
    assert above.startswith(f"release    {__version__}\n")
    assert below.splitlines() == [
        "BETTER_AUTH_SECRET=(set)",
        "BETTER_AUTH_ADMIN_ADMIN_USER_IDS=u1,u2",
        "BETTER_AUTH_PLUGINS=username,admin",
    ]


def test_no_secret_is_shown(tmp_path: Path) -> None:
    versions = f"2:{SECRET},1:{SECRET[::-1]}"
    for flags in ([], ["--all"], ["--all", "--json"]):
        done = run(tmp_path, "info", *flags, BETTER_AUTH_SECRETS=versions, **STORES)
        assert done.returncode == 0, done.stderr
        assert "PostgreSQL at db.internal, database auth" in done.stdout
        for secret in ("opensesame", SECRET, SECRET[::-1], WEBHOOK_SECRET):
            assert secret not in done.stdout + done.stderr


def test_all_settings_are_those_of_plugins_that_are_on(tmp_path: Path) -> None:
    done = run(
        tmp_path,
        *("info", "--all", "--json"),
        BETTER_AUTH_SECRET=SECRET,
        BETTER_AUTH_PLUGINS="username",
    )
    listed = json.loads(done.stdout)["settings"].keys()
    off = {name for name in VARIABLES.options if name not in listed}
    assert "BETTER_AUTH_USERNAME_MIN_USERNAME_LENGTH" in listed
    assert "BETTER_AUTH_TWO_FACTOR_ISSUER" in off
    assert {"PORT", "WORKERS", "BETTER_AUTH_SESSION_EXPIRES_IN"} <= listed
