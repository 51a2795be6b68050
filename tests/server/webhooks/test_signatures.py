"""What `standardwebhooks`, the receivers' library, says of our signatures."""

import time

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from app.server.webhooks.signatures import WebhookSigner
from tests.support.webhooks import OLD_SECRET, SECRET

BODY = '{"type":"user.created","data":{"name":"Zoë"}}'


def make_headers(*secrets: str) -> dict[str, str]:
    at = int(time.time())
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(at),
        "webhook-signature": WebhookSigner(secrets).sign("msg_1", at, BODY.encode()),
    }


def test_signature_is_that_of_the_standard() -> None:
    key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    signed = WebhookSigner([key]).sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET])
def test_each_of_two_secrets_verifies(secret: str) -> None:
    headers = make_headers(SECRET, OLD_SECRET)
    assert len(headers["webhook-signature"].split(" ")) == 2
    assert Webhook(secret).verify(BODY, headers)["type"] == "user.created"


def test_other_secret_does_not() -> None:
    with pytest.raises(WebhookVerificationError):
        Webhook(OLD_SECRET).verify(BODY, make_headers(SECRET))
