"""The wheel, installed where nothing else is."""

import subprocess
import zipfile

import pytest

from app import __version__
from tests.bridge.minting import SECRET, mint
from tests.system.js_client.service import inherited

from .environments import built_wheel, environment

pytestmark = pytest.mark.xdist_group("published")

HEAVY = ("litestar", "sqlalchemy", "argon2", "fastapi", "httpx", "jwt", "cryptography")


def python(script: str, *arguments: str, extras: str = "") -> str:
    done = run(script, *arguments, extras=extras)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def run(script: str, *arguments: str, extras: str = "") -> subprocess.CompletedProcess[str]:
    command = [str(environment(extras)), "-c", script, *arguments]
    own = {k: v for k, v in inherited().items() if k != "PYTHONPATH"}
    return subprocess.run(command, env=own, capture_output=True, text=True, check=False)


def test_the_wheel_holds_the_bridge_and_nothing_of_the_service() -> None:
    names = zipfile.ZipFile(built_wheel()).namelist()
    folders = {name.partition("/")[0] for name in names}
    assert folders == {"better_auth_bridge", f"better_auth_bridge-{__version__}.dist-info"}
    assert "better_auth_bridge/py.typed" in names
    assert all(name.endswith((".py", ".typed")) for name in names if "dist-info" not in name)


def test_the_core_needs_pyjwt_alone() -> None:
    script = (
        "from importlib.metadata import distributions\n"
        "print(sorted(found.name.lower() for found in distributions()))"
    )
    assert python(script) == "['better-auth-bridge', 'pyjwt']"


def test_the_core_verifies_a_token() -> None:
    script = (
        "import sys; from better_auth_bridge import Verifier\n"
        "print(Verifier(sys.argv[1]).verify(sys.argv[2]).email)"
    )
    assert python(script, SECRET, mint()) == "ann@example.com"


@pytest.mark.parametrize("extras", ["", "fastapi", "litestar", "jwks", "database"])
def test_importing_it_loads_no_library_of_an_extra(extras: str) -> None:
    script = f"import sys, better_auth_bridge; print([m for m in {HEAVY} if m in sys.modules])"
    assert python(script, extras=extras) == "[]"


@pytest.mark.parametrize(
    ("extra", "module", "library"),
    [
        ("fastapi", "fastapi", "fastapi"),
        ("litestar", "litestar", "litestar"),
        ("jwks", "jwks", "httpx"),
    ],
)
def test_an_extra_brings_what_its_module_needs(extra: str, module: str, library: str) -> None:
    script = f"import sys, better_auth_bridge.{module}; print('{library}' in sys.modules)"
    assert python(script, extras=extra) == "True"


@pytest.mark.parametrize(
    ("module", "library", "extra"),
    [
        ("fastapi", "fastapi", "fastapi"),
        ("litestar", "litestar", "litestar"),
        ("asymmetric", "cryptography", "jwks"),
    ],
)
def test_module_whose_extra_is_missing_says_what_to_install(
    module: str, library: str, extra: str
) -> None:
    *_, line = run(f"import better_auth_bridge.{module}").stderr.splitlines()
    assert line == (
        f"ModuleNotFoundError: better_auth_bridge.{module} needs {library}: "
        f'pip install "better-auth-bridge[{extra}]"'
    )
