"""No method of the official client is forgotten by the flows."""

from pathlib import Path

import pytest

from .flow import run_flow
from .service import PAGE, Service

pytestmark = pytest.mark.xdist_group("client")

FLOWS = Path(__file__).parent / "flows"
KNOWN = {
    *("signUp.email", "signIn.email", "signIn.social", "signOut", "getSession", "listSessions"),
    *("revokeSession", "revokeSessions", "revokeOtherSessions", "updateUser", "updateSession"),
    *("changePassword", "changeEmail", "deleteUser", "requestPasswordReset", "resetPassword"),
    *("verifyEmail", "sendVerificationEmail", "listAccounts", "unlinkAccount", "accountInfo"),
    *("token", "jwks"),
}


@pytest.fixture(scope="module")
def methods(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """What the installed client offers; no service is asked."""
    return set(run_flow(Service(url=PAGE, mails=tmp_path_factory.mktemp("mails")), "methods"))


def test_methods_are_told_by_the_client_itself(methods: set[str]) -> None:
    assert methods >= KNOWN


def test_every_method_is_called_by_a_flow(methods: set[str]) -> None:
    flows = "".join(flow.read_text() for flow in FLOWS.glob("*.mjs"))
    assert {method for method in methods if f".{method}(" not in flows} == set()
