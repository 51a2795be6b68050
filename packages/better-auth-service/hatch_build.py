"""Adds the service to what is built in a checkout. Published sources have it in this folder."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_PACKAGE = "better_auth_service"


class ServiceBuildHook(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Names the files to hatchling."""
        here = Path(self.root)
        if (here / _PACKAGE).is_dir():
            return
        service = here.parents[1] / "app"
        build_data["force_include"] |= {
            str(service): _PACKAGE,
            # Type checkers look for it in the outermost folder.
            str(service / "bridge" / "py.typed"): f"{_PACKAGE}/py.typed",
        }
