import pytest

from .podman import build, prepare_podman


@pytest.fixture(scope="session")
def podman_is_here() -> None:
    """Skips the test where images can't be built, except in CI."""
    prepare_podman()


@pytest.fixture(scope="session")
def image(podman_is_here: None) -> str:
    """The id of the built image."""
    return build()
