"""Which requests are for whom: paths, methods, and what lies beside the routes."""

from tests.system.parity.scenario import scenario
from tests.system.parity.side import Side

GUARDED: tuple[tuple[str, str, object], ...] = (
    ("GET", "/list-sessions", None),
    ("POST", "/revoke-session", {"token": "x"}),
    ("POST", "/revoke-session", {}),
    ("POST", "/revoke-sessions", {}),
    ("POST", "/revoke-other-sessions", {}),
    ("GET", "/token", None),
)
# Names that other versions have, and methods of the server's API that are no routes.
NO_ROUTES: tuple[tuple[str, str, object], ...] = (
    ("POST", "/token", {}),
    ("POST", "/sign-jwt", {}),
    ("POST", "/verify-jwt", {}),
    ("POST", "/forget-password", {"email": "a@b.co"}),
    ("POST", "/set-password", {"newPassword": "a"}),
    ("POST", "/sign-in/oauth2", {}),
    ("GET", "/list-user-accounts", None),
    ("GET", "/user/list", None),
    ("POST", "/jwks", {}),
    ("GET", "/sign-out", None),
    ("GET", "/revoke-sessions", None),
    ("POST", "/list-sessions", {}),
)


@scenario()
async def ok(s: Side) -> None:
    someone = s.client()
    await someone.get("/ok")
    await someone.get("/ok?x=1&x=2")
    await someone.get("/ok?")
    await someone.get("/ok", ("Accept", "text/html"))
    await someone.get("/ok", ("Cookie", "a=b"))


@scenario()
async def methods(s: Side) -> None:
    someone = s.client()
    for method in ("HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"):
        await someone.send(method, "/ok")
        await someone.send(method, "/sign-in/email")
    await someone.post("/ok", {})
    await someone.get("/sign-in/email")
    await someone.get("/sign-up/email")
    await someone.send("PUT", "/sign-in/email", body={})


@scenario()
async def paths(s: Side) -> None:
    someone = s.client()
    for path in ("/nope", "/OK", "/ok/", "/ok//", "/%6fk", "/x/../ok", "/./ok", "", "/", "/ok/x"):
        await someone.get(path)
    for path in ("/nope", "/sign-in//email", "/sign-in/email/", "/sign-in", "/Sign-In/email"):
        await someone.post(path, {})


@scenario()
async def double_slash(s: Side) -> None:
    someone = s.client()
    await someone.get("//ok")
    await someone.get("//api/auth/ok")


@scenario()
async def outside(s: Side) -> None:
    for target in ("/foo", "/api", "/api/authx/ok", "/"):
        await s.request("GET", target, [], None)


@scenario()
async def guarded(s: Side) -> None:
    someone = s.client()
    for method, path, body in GUARDED:
        await (someone.get(path) if method == "GET" else someone.post(path, body))


@scenario()
async def no_routes(s: Side) -> None:
    someone = s.client()
    for method, path, body in NO_ROUTES:
        await (someone.get(path) if method == "GET" else someone.post(path, body))


@scenario()
async def error_page(s: Side) -> None:
    someone = s.client()
    await someone.get("/error")
    await someone.get("/error?error=INVALID_TOKEN&error_description=%3Cb%3Ehi%22")
    await someone.get("/error?error=%3Cscript%3E")
    await someone.get("/error?error=a&error=b")


@scenario()
async def api_document(s: Side) -> None:
    await s.client().get("/open-api/generate-schema")
    await s.client().get("/reference")


@scenario({"basePath": "/auth"})
async def base_path(s: Side) -> None:
    someone = s.client()
    await someone.get("/ok")
    await s.request("GET", "/api/auth/ok", [], None)
    await someone.sign_up("base_path@example.com")


@scenario({"basePath": "auth/"})
async def base_path_without_slash(s: Side) -> None:
    await s.client().get("/ok")


@scenario({"baseURL": "http://localhost:4000/custom/auth"})
async def path_in_the_base_url(s: Side) -> None:
    ada = s.browser()
    await ada.sign_up("path_in_the_base_url@example.com")
    await ada.get("/get-session")
    await s.request("GET", "/api/auth/ok", [], None)
