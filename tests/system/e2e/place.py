"""Where the parts of one deployment are, and how its browsers reach the API."""

from enum import StrEnum

from msgspec import Struct

from tests.support import programs


class Connection(StrEnum):
    ONE_ORIGIN = "one-origin"
    CROSS_ORIGIN = "cross-origin"


class Place(Struct, frozen=True):
    """Three ports; the build of the app holds those of the APIs."""

    connection: Connection
    app_port: int
    api_port: int
    tasks_port: int

    @property
    def app(self) -> str:
        return f"http://localhost:{self.app_port}"

    @property
    def api(self) -> str:
        return f"http://localhost:{self.api_port}"

    @property
    def tasks(self) -> str:
        return f"http://localhost:{self.tasks_port}"

    @property
    def is_one_origin(self) -> bool:
        return self.connection == Connection.ONE_ORIGIN

    @property
    def origins(self) -> set[str]:
        """All that a browser may ask."""
        return {self.app} if self.is_one_origin else {self.app, self.api, self.tasks}

    @property
    def settings_of_app(self) -> dict[str, str]:
        """As the README of the example says."""
        prefix = "" if self.is_one_origin else "NEXT_PUBLIC_"
        return {f"{prefix}API_URL": self.api, f"{prefix}TASKS_URL": self.tasks}

    @property
    def settings_of_service(self) -> dict[str, str]:
        """The same."""
        if not self.is_one_origin:
            return {"BETTER_AUTH_URL": self.api, "BETTER_AUTH_TRUSTED_ORIGINS": self.app}
        return {
            "BETTER_AUTH_URL": self.app,
            "BETTER_AUTH_TRUSTED_ORIGINS": "",
            "BETTER_AUTH_ADVANCED_IP_ADDRESS_TRUSTED_PROXIES": "127.0.0.1,::1",
        }


def find_place(connection: Connection, *, has_task_server: bool) -> Place:
    """On ports that nobody has; without a task server the service has the tasks."""
    app, api, tasks = (programs.free_port() for _ in range(3))
    return Place(connection, app, api, tasks if has_task_server else api)


def place_of_build(connection: Connection) -> Place:
    """What the app is built for: ports that stand for those of the place where it runs."""
    return Place(connection, app_port=0, api_port=11111, tasks_port=22222)
