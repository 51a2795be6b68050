"""Users in an organization, for tests."""

from typing import Any

from msgspec import Struct

from tests.support.asgi import Answer, Header
from tests.support.service import Service, browser

OWNER = "owner@example.com"


class Person(Struct, frozen=True):
    """A signed-in user: `user_id`, and the headers of the browser."""

    service: Service
    email: str
    user_id: str
    headers: list[Header]

    async def post(self, path: str, /, **body: object) -> Answer:
        return await self.service.post(f"/organization/{path}", body, self.headers)

    async def get(self, path: str) -> Answer:
        return await self.service.get(f"/organization/{path}", self.headers)

    def at(self, service: Service) -> "Person":
        """The same browser at another service over the same database."""
        return Person(service, self.email, self.user_id, self.headers)

    async def session(self) -> Any:
        """The session as `/get-session` shows it."""
        return (await self.service.get("/get-session", self.headers)).json()["session"]

    async def member_id(self) -> str:
        """The id of the membership in the active organization."""
        return str((await self.get("get-active-member")).json()["id"])


async def sign_up(service: Service, email: str, **fields: object) -> Person:
    answer = await service.sign_up(email, **fields)
    return Person(service, email, answer.json()["user"]["id"], browser(answer))


async def found(service: Service, email: str = OWNER, slug: str = "acme") -> tuple[Person, str]:
    """A new user with an organization, and its id."""
    owner = await sign_up(service, email)
    made = await owner.post("create", name="Acme", slug=slug)
    assert made.status == 200, made.body
    return owner, made.json()["id"]


async def invite(inviter: Person, email: str, role: str = "member", **fields: object) -> str:
    """The id of a new invitation."""
    answer = await inviter.post("invite-member", email=email, role=role, **fields)
    assert answer.status == 200, answer.body
    return str(answer.json()["id"])


async def join(inviter: Person, email: str, role: str = "member", **fields: object) -> Person:
    """A new user who accepts an invitation."""
    invitation = await invite(inviter, email, role, **fields)
    person = await sign_up(inviter.service, email)
    accepted = await person.post("accept-invitation", invitationId=invitation)
    assert accepted.status == 200, accepted.body
    return person


def code_of(answer: Answer) -> str | None:
    """The code of a refusal, None for a success."""
    return None if answer.status == 200 else str(answer.json().get("code"))
