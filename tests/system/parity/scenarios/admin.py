"""The plugin `admin`: roles, bans, impersonation, and its endpoints."""

from ..scenario import scenario
from ..side import PASSWORD, Caller, Side

ON = {"plugins": ["admin"]}
ROLES = {
    "admin": {"user": ["create", "list", "get", "impersonate", "impersonate-admins"]},
    "editor": {"project": ["create", "share"], "user": []},
    "support": {"user": ["ban", "update", "get"], "session": ["list"]},
}
OWN = {
    **ON,
    "admin.ac": {
        "user": ["create", "list", "get", "ban", "update", "impersonate", "impersonate-admins"],
        "session": ["list"],
        "project": ["create", "share"],
    },
    "admin.roles": ROLES,
    "admin.defaultRole": "editor",
    "admin.adminRoles": ["admin", "support"],
    "admin.defaultBanReason": "House rules",
    "admin.defaultBanExpiresIn": 3600,
    "admin.impersonationSessionDuration": 60,
    "admin.bannedUserMessage": "Ask the house",
    "admin.schema.user.fields": {"role": "position", "banReason": "why"},
    "admin.schema.session.fields": {"impersonatedBy": "as_user"},
    "session.cookieCache.enabled": True,
}
MAILED_LINKS = {
    "emailVerification.sendVerificationEmail": True,
    "emailVerification.autoSignInAfterVerification": True,
}
POSTS: dict[str, dict[str, object]] = {
    "set-role": {"role": "admin"},
    "create-user": {"email": "made@example.com", "name": "Made"},
    "update-user": {"data": {"name": "Changed"}},
    "ban-user": {},
    "unban-user": {},
    "impersonate-user": {},
    "list-user-sessions": {},
    "revoke-user-session": {"sessionToken": "unknown"},
    "revoke-user-sessions": {},
    "remove-user": {},
    "set-user-password": {"newPassword": "another horse battery"},
    "has-permission": {"permissions": {"user": ["create"]}},
    "stop-impersonating": {},
}


async def administrator(s: Side, email: str, role: str = "admin", column: str = "role") -> Caller:
    """A browser whose user has the role."""
    admin = await s.signed_up(email)
    await s.sql(f'UPDATE "user" SET "{column}" = ? WHERE email = ?', role, email)
    admin.cookies = {k: v for k, v in (admin.cookies or {}).items() if "session_data" not in k}
    return admin


async def id_of(s: Side, email: str) -> str:
    (row,) = await s.sql('SELECT id FROM "user" WHERE email = ?', email)
    return str(row["id"])


@scenario(ON)
async def nobody_and_others_are_refused(s: Side) -> None:
    target = await s.signed_up("target@example.com")
    user_id = await id_of(s, "target@example.com")
    nobody = s.client()
    for path, more in POSTS.items():
        body = {"userId": user_id, **more}
        await nobody.post(f"/admin/{path}", body)
        await target.post(f"/admin/{path}", body)
        await target.post(f"/admin/{path}", [])
        await target.post(f"/admin/{path}")
    for path in ("list-users", f"get-user?id={user_id}", "get-user"):
        await nobody.get(f"/admin/{path}")
        await target.get(f"/admin/{path}")
    await target.post("/admin/list-users", {})
    await target.get("/admin/set-role")


@scenario(ON, postgres=True)
async def role_is_not_for_its_user(s: Side) -> None:
    ada = await s.signed_up("role@example.com")
    await ada.sign_up("role2@example.com", role="admin")
    await ada.sign_up("role3@example.com", banned=True, banReason=None, banExpires=None)
    for body in ({"role": "admin"}, {"banned": False}, {"banned": True}, {"banReason": "x"}):
        await ada.post("/update-user", body)
    await ada.post("/update-session", {"impersonatedBy": "x"})
    await ada.get("/get-session")


@scenario(ON, postgres=True)
async def users_are_created(s: Side) -> None:
    admin = await administrator(s, "creator@example.com")
    email = "created@example.com"
    await admin.post("/admin/create-user", {"email": email, "name": "C"})
    await admin.post("/admin/create-user", {"email": email, "name": "C"})
    await admin.post("/admin/create-user", {"email": "no address", "name": "C"})
    await admin.post("/admin/create-user", {"email": "x@example.com", "name": 5, "data": "x"})
    await admin.post("/admin/create-user", {"email": "x@example.com", "name": "X", "role": {}})
    await admin.post(
        "/admin/create-user", {"email": "x@example.com", "name": "X", "role": ["a", 5]}
    )
    for role in (5, None, ["a", 5]):
        body = {"email": "x@example.com", "name": "X", "data": {"role": role}}
        await admin.post("/admin/create-user", body)
    long = {"email": "x@example.com", "name": "X", "password": "x" * 129}
    await admin.post("/admin/create-user", long)
    await admin.post(
        "/admin/create-user",
        {
            "email": "Full@example.com",
            "password": PASSWORD,
            "name": "Full",
            "role": ["user", "admin"],
            "data": {
                "role": "ignored",
                "email": "ignored@example.com",
                "emailVerified": True,
                "image": "i.png",
                "createdAt": "2020-01-01T00:00:00Z",
                "unknown": 1,
                "banned": True,
                "banReason": "Begun so",
                "banExpires": "2020-01-02T00:00:00Z",
            },
        },
    )
    full = s.browser()
    await full.sign_in("full@example.com")
    await full.get("/get-session")
    more: tuple[dict[str, object], ...] = (
        {"email": "short@example.com", "name": "", "password": "x"},
        {"email": "empty@example.com", "name": "E", "password": "", "role": ""},
        {"email": "list@example.com", "name": "L", "data": {"role": []}},
    )
    for fields in more:
        await admin.post("/admin/create-user", fields)


@scenario(ON, postgres=True)
async def users_are_changed(s: Side) -> None:
    admin = await administrator(s, "changer@example.com")
    await s.signed_up("other@example.com")
    ada = await s.signed_up("changed@example.com")
    user_id = await id_of(s, "changed@example.com")
    changes: tuple[dict[str, object], ...] = (
        {},
        {"password": "x"},
        {"id": "x"},
        {"role": "user"},
        {"role": ["user", "x"]},
        {"role": 5},
        {"role": None},
        {"role": []},
        {"name": "New"},
        {"email": "no address"},
        {"email": None},
        {"email": "other@example.com"},
        {"email": "New@Example.com", "emailVerified": True},
        {"image": None, "unknown": 1, "phoneNumber": "1"},
        {"createdAt": "2020-01-01T00:00:00Z"},
        {"banned": True, "banReason": "Why not", "banExpires": "2090-01-01T00:00:00Z"},
        {"banned": False, "banExpires": None},
    )
    for data in changes:
        await admin.post("/admin/update-user", {"userId": user_id, "data": data})
    await ada.get("/get-session")
    own = await id_of(s, "changer@example.com")
    await admin.post("/admin/update-user", {"userId": own, "data": {"banned": True}})
    await admin.post("/admin/update-user", {"userId": "nobody", "data": {"name": "x"}})
    await admin.post("/admin/update-user", {"userId": user_id})
    await admin.post("/admin/update-user", {"userId": user_id, "data": []})
    await admin.get(f"/admin/get-user?id={user_id}")
    await admin.get("/admin/get-user?id=nobody")
    await admin.get("/admin/get-user")


@scenario(ON, postgres=True)
async def roles_are_set(s: Side) -> None:
    admin = await administrator(s, "roles@example.com")
    ada = await s.signed_up("promoted@example.com")
    user_id = await id_of(s, "promoted@example.com")
    for role in (["user", "admin"], "a,b", "", [], 5, None, [5], "admin"):
        await admin.post("/admin/set-role", {"userId": user_id, "role": role})
    for body in ({"userId": user_id}, {"role": "user"}, {"userId": "nobody", "role": "user"}):
        await admin.post("/admin/set-role", body)
    whoever: tuple[object, ...] = (5, None, True, {}, [user_id])
    for who in whoever:
        await admin.post("/admin/set-role", {"userId": who, "role": "admin"})
    await ada.get("/admin/list-users?limit=1&filterField=email&filterValue=roles@example.com")
    await admin.post("/admin/set-role", {"userId": user_id, "role": "user"})
    await ada.get("/admin/list-users")
    own = await id_of(s, "roles@example.com")
    await admin.post("/admin/set-role", {"userId": own, "role": "user"})
    await admin.post("/admin/set-role", {"userId": own, "role": "admin"})


@scenario(ON, postgres=True)
async def bans_and_their_end(s: Side) -> None:
    admin = await administrator(s, "banning@example.com")
    ada = await s.signed_up("banned@example.com")
    user_id = await id_of(s, "banned@example.com")
    await admin.post("/admin/ban-user", {"userId": user_id})
    await ada.get("/get-session")
    await ada.sign_in("banned@example.com")
    await ada.sign_in("banned@example.com", password="wrong password")
    await admin.post("/admin/impersonate-user", {"userId": user_id})
    await admin.post("/admin/unban-user", {"userId": user_id})
    await ada.sign_in("banned@example.com")
    for more in (
        {"banReason": "", "banExpiresIn": 0},
        {"banReason": "Spam", "banExpiresIn": 3600.5},
        {"banExpiresIn": "x"},
        {"banExpiresIn": None},
        {"banReason": None},
        {"banReason": 5},
        {"banReason": "Before", "banExpiresIn": -60},
    ):
        await admin.post("/admin/ban-user", {"userId": user_id, **more})
    await ada.sign_in("banned@example.com")
    await ada.get("/get-session")
    await admin.get(f"/admin/get-user?id={user_id}")
    own = await id_of(s, "banning@example.com")
    await admin.post("/admin/ban-user", {"userId": own})
    for path in ("ban-user", "unban-user"):
        await admin.post(f"/admin/{path}", {"userId": "nobody"})
        await admin.post(f"/admin/{path}", {})
    await s.sql('UPDATE "user" SET banned = NULL WHERE email = ?', "banned@example.com")
    await ada.sign_in("banned@example.com")


@scenario(ON, postgres=True)
async def impersonation(s: Side) -> None:
    admin = await administrator(s, "boss@example.com")
    ada = await s.signed_up("worker@example.com")
    user_id = await id_of(s, "worker@example.com")
    await admin.post("/admin/stop-impersonating", {})
    await admin.post("/admin/impersonate-user", {"userId": user_id})
    await admin.get("/get-session")
    await admin.get("/list-sessions")
    await ada.get("/list-sessions")
    await admin.post("/admin/impersonate-user", {"userId": user_id})
    other = await administrator(s, "boss2@example.com")
    await other.post("/admin/list-user-sessions", {"userId": user_id})
    await admin.post("/admin/stop-impersonating", {})
    await admin.get("/get-session")
    await admin.post("/admin/stop-impersonating", {})
    second = await id_of(s, "boss2@example.com")
    await admin.post("/admin/impersonate-user", {"userId": second})
    await admin.post("/admin/impersonate-user", {"userId": "nobody"})
    await admin.post("/admin/impersonate-user", {})


@scenario(ON)
async def impersonation_without_a_way_back(s: Side) -> None:
    admin = await administrator(s, "lost@example.com")
    await s.signed_up("found@example.com")
    user_id = await id_of(s, "found@example.com")
    await admin.sign_in("lost@example.com", rememberMe=False)
    await admin.post("/admin/impersonate-user", {"userId": user_id})
    kept = dict(admin.cookies or {})
    admin.cookies = {k: v for k, v in kept.items() if "admin_session" not in k}
    await admin.post("/admin/stop-impersonating", {})
    admin.cookies = dict(kept)
    await admin.post("/admin/stop-impersonating", {})
    await admin.get("/get-session")
    await admin.post("/admin/impersonate-user", {"userId": user_id})
    await s.sql('DELETE FROM session WHERE "userId" = ?', await id_of(s, "lost@example.com"))
    await admin.post("/admin/stop-impersonating", {})
    await admin.post("/sign-out", {})


@scenario(ON, postgres=True)
async def sessions_of_users(s: Side) -> None:
    admin = await administrator(s, "sessions@example.com")
    ada = await s.signed_up("sessions2@example.com")
    user_id = await id_of(s, "sessions2@example.com")
    listed = await admin.post("/admin/list-user-sessions", {"userId": user_id})
    await admin.post("/admin/list-user-sessions", {"userId": "nobody"})
    await admin.post("/admin/list-user-sessions", {})
    token = listed.json["sessions"][0]["token"]
    for body in ({"sessionToken": "unknown"}, {}, {"sessionToken": 5}, {"sessionToken": token}):
        await admin.post("/admin/revoke-user-session", body)
    await ada.get("/get-session")
    await ada.sign_in("sessions2@example.com")
    for body in ({"userId": "nobody"}, {}, {"userId": user_id}):
        await admin.post("/admin/revoke-user-sessions", body)
    await ada.get("/get-session")


@scenario(ON, postgres=True)
async def users_are_removed(s: Side) -> None:
    admin = await administrator(s, "remover@example.com")
    ada = await s.signed_up("removed@example.com")
    user_id, own = await id_of(s, "removed@example.com"), await id_of(s, "remover@example.com")
    for body in ({"userId": own}, {"userId": "nobody"}, {}, {"userId": user_id}):
        await admin.post("/admin/remove-user", body)
    await admin.post("/admin/remove-user", {"userId": user_id})
    await ada.get("/get-session")
    await ada.sign_in("removed@example.com")


@scenario(ON, postgres=True)
async def passwords_are_set(s: Side) -> None:
    admin = await administrator(s, "setter@example.com")
    ada = await s.signed_up("forgot@example.com")
    user_id = await id_of(s, "forgot@example.com")
    new = "another horse battery"
    for body in (
        {"userId": user_id, "newPassword": "short"},
        {"userId": user_id, "newPassword": ""},
        {"userId": user_id, "newPassword": "x" * 129},
        {"userId": "", "newPassword": new},
        {"userId": "nobody", "newPassword": new},
        {},
        {"userId": user_id, "newPassword": new},
    ):
        await admin.post("/admin/set-user-password", body)
    await ada.get("/get-session")
    await ada.sign_in("forgot@example.com")
    await ada.sign_in("forgot@example.com", password=new)
    await admin.post("/admin/create-user", {"email": "bare@example.com", "name": "Bare"})
    bare = await id_of(s, "bare@example.com")
    await admin.post("/admin/set-user-password", {"userId": bare, "newPassword": new})
    await s.browser().sign_in("bare@example.com", password=new)


@scenario(ON)
async def permissions_are_asked_for(s: Side) -> None:
    admin = await administrator(s, "asking@example.com", "user,admin")
    bodies: tuple[dict[str, object], ...] = (
        {"permissions": {}},
        {"permissions": {"user": []}},
        {"permissions": {"user": ["list", "create"], "session": ["revoke"]}},
        {"permissions": {"user": ["impersonate-admins"]}},
        {"permissions": {"unknown": ["list"]}},
        {"permissions": {"user": "list"}},
        {"permissions": {"user": [5]}},
        {"permissions": {"user": ["list"]}, "permission": {"user": ["list"]}},
        {"permission": {"user": ["list"]}},
        {"permissions": [], "role": 5},
        {"permissions": {"user": ["list"]}, "role": "user", "userId": 5},
        {"permissions": None},
        {},
    )
    for body in bodies:
        await admin.post("/admin/has-permission", body)


@scenario(OWN, postgres=True)
async def own_roles_and_names(s: Side) -> None:
    admin = await administrator(s, "own@example.com", column="position")
    ada = await s.signed_up("editor@example.com")
    user_id = await id_of(s, "editor@example.com")
    await ada.post("/admin/has-permission", {"permissions": {"project": ["share"]}})
    await admin.post("/admin/ban-user", {"userId": user_id})
    support = await administrator(s, "support@example.com", "support", "position")
    await support.post("/admin/ban-user", {"userId": user_id})
    await ada.get("/get-session")
    await ada.sign_in("editor@example.com")
    await support.post("/admin/update-user", {"userId": user_id, "data": {"role": "admin"}})
    await support.post("/admin/update-user", {"userId": user_id, "data": {"emailVerified": True}})
    await support.post("/admin/update-user", {"userId": user_id, "data": {"phoneNumber": "1"}})
    await support.post("/admin/unban-user", {"userId": user_id})
    await support.post("/admin/list-user-sessions", {"userId": user_id})
    await support.post("/admin/revoke-user-sessions", {"userId": user_id})
    body = {"email": "owned@example.com", "name": "Owned"}
    await admin.post("/admin/create-user", {**body, "role": "editor"})
    await admin.post("/admin/create-user", {**body, "data": {"banned": True}})
    await admin.post("/admin/create-user", body)
    await admin.get("/admin/list-users?filterField=position&filterValue=support")
    await admin.get("/admin/list-users?filterField=role&filterValue=support")
    await admin.post("/admin/impersonate-user", {"userId": await id_of(s, "support@example.com")})
    await admin.get("/get-session")
    await admin.post("/admin/stop-impersonating", {})
    await admin.get("/get-session")


@scenario({**ON, "admin.roles": {**ROLES, "admin": {"user": ["set-role", "update", "create"]}}})
async def unknown_roles(s: Side) -> None:
    admin = await administrator(s, "known@example.com")
    own = await id_of(s, "known@example.com")
    for role in ("owner", "admin,editor", ["admin", "owner"], ["admin", "editor"]):
        await admin.post("/admin/set-role", {"userId": own, "role": role})
        await admin.post("/admin/update-user", {"userId": own, "data": {"role": role}})
        body = {"email": "unknown@example.com", "name": "U", "role": role}
        await admin.post("/admin/create-user", body)


@scenario({**ON, "admin.allowImpersonatingAdmins": True, "advanced.useSecureCookies": True})
async def administrators_may_be_impersonated(s: Side) -> None:
    admin = await administrator(s, "first@example.com")
    await administrator(s, "second@example.com")
    await admin.post("/admin/impersonate-user", {"userId": await id_of(s, "second@example.com")})
    await admin.get("/get-session")
    await admin.post("/admin/stop-impersonating", {})
    await admin.get("/get-session")


QUERIES = (
    "",
    "limit=2&offset=1&sortBy=email",
    "limit=abc&offset=x",
    "limit=0",
    "limit=1.5",
    "limit=0x2&sortBy=email&sortDirection=desc",
    "limit=1&limit=2",
    "limit=%202%20&sortBy=email",
    "limit=Infinity",
    "searchValue=LIST&searchField=name",
    "searchValue=search-b",
    "searchValue=search-&searchOperator=starts_with&sortBy=email",
    "searchValue=com&searchOperator=ends_with&sortBy=email&limit=1",
    "searchValue=_earch-a",
    "searchValue=a&searchField=id",
    "searchValue=a&searchOperator=near",
    "searchValue=a&searchValue=b",
    "filterField=role&filterValue=admin",
    "filterField=role&filterValue=admin&filterOperator=ne&sortBy=email",
    "filterField=banned&filterValue=true",
    "filterField=banned&filterValue=false&sortBy=email",
    "filterField=emailVerified&filterValue=1&sortBy=email",
    "filterField=unknown&filterValue=1",
    "filterValue=search-a@example.com",
    "filterField=role&filterValue=admin&filterOperator=in",
    "filterField=role&filterValue=admin&filterValue=x&filterOperator=in",
    "filterField=role&filterValue=admin&filterOperator=not_in&sortBy=email",
    "filterField=role&filterValue=dmi&filterOperator=contains",
    "filterField=createdAt&filterValue=2030-01-01&filterOperator=lt&sortBy=email",
    "filterField=createdAt&filterValue=2020-01-01T00:00:00.000Z&filterOperator=lte",
    "filterField=banExpires&filterValue=2020-01-01&filterOperator=gt",
    "filterField=role&filterValue=a&filterOperator=near",
    "filterField=name&filterValue=a&filterValue=b",
    "filterField=name&filterValue=",
    "sortBy=unknown",
    "sortBy=email&sortDirection=up",
    "filterField=_id&filterValue=x",
    "searchValue=search&filterField=role&filterValue=user&sortBy=email",
)


@scenario(ON, postgres=True, fresh=True)
async def users_are_listed(s: Side) -> None:
    admin = await administrator(s, "list-admin@example.com")
    for name in ("a", "b", "c"):
        await s.signed_up(f"search-{name}@example.com", name=f"Listed {name}")
    await s.sql('UPDATE "user" SET "emailVerified" = ? WHERE email LIKE ?', True, "search-a%")
    for query in QUERIES:
        await admin.get(f"/admin/list-users?{query}")


@scenario({**ON, "secondaryStorage": True})
async def sessions_in_redis(s: Side) -> None:
    admin = await administrator(s, "redis-admin@example.com")
    ada = await s.signed_up("redis@example.com")
    user_id, own = await id_of(s, "redis@example.com"), await id_of(s, "redis-admin@example.com")
    await admin.sign_in("redis-admin@example.com")
    await admin.post("/admin/list-user-sessions", {"userId": user_id})
    await admin.post("/admin/impersonate-user", {"userId": user_id})
    await admin.get("/get-session")
    await ada.get("/list-sessions")
    await admin.post("/admin/stop-impersonating", {})
    await admin.post("/admin/set-role", {"userId": user_id, "role": "admin"})
    await ada.post("/admin/list-user-sessions", {"userId": own})
    await admin.post("/admin/set-role", {"userId": user_id, "role": "user"})
    await ada.post("/admin/list-user-sessions", {"userId": own})
    await admin.post("/admin/ban-user", {"userId": user_id, "banExpiresIn": -1})
    await ada.get("/get-session")
    await ada.sign_in("redis@example.com")
    await ada.get("/get-session")
    await admin.post("/admin/remove-user", {"userId": user_id})
    await ada.get("/get-session")


@scenario({**ON, "secondaryStorage": True, "session.storeSessionInDatabase": True})
async def sessions_in_both(s: Side) -> None:
    admin = await administrator(s, "both-admin@example.com")
    ada = await s.signed_up("both@example.com")
    user_id = await id_of(s, "both@example.com")
    await admin.sign_in("both-admin@example.com")
    await admin.post("/admin/impersonate-user", {"userId": user_id})
    await ada.get("/list-sessions")
    await admin.post("/admin/stop-impersonating", {})
    await admin.post("/admin/list-user-sessions", {"userId": user_id})
    await admin.post("/admin/ban-user", {"userId": user_id})
    await ada.get("/get-session")
    await ada.sign_in("both@example.com")


@scenario(ON)
async def sessions_of_oneself(s: Side) -> None:
    admin = await administrator(s, "oneself@example.com")
    own = await id_of(s, "oneself@example.com")
    listed = await admin.post("/admin/list-user-sessions", {"userId": own})
    token = listed.json["sessions"][0]["token"]
    await admin.post("/admin/revoke-user-session", {"sessionToken": token})
    await admin.sign_in("oneself@example.com")
    await admin.post("/admin/revoke-user-sessions", {"userId": own})
    await admin.get("/get-session")


@scenario(ON)
async def wrong_types(s: Side) -> None:
    admin = await administrator(s, "types@example.com")
    await s.signed_up("typed@example.com")
    user_id = await id_of(s, "typed@example.com")
    wrong: tuple[dict[str, object], ...] = (
        {"name": 5},
        {"name": None},
        {"banned": "yes"},
        {"emailVerified": "yes"},
        {"image": 5},
        {"banExpires": "soon"},
    )
    for number, data in enumerate(wrong):
        await admin.post("/admin/update-user", {"userId": user_id, "data": data})
        body = {"email": f"typed{number}@example.com", "name": "T", "data": data}
        if "name" not in data:
            await admin.post("/admin/create-user", body)


@scenario({**ON, "admin.adminUserIds": ["nobody"], "emailAndPassword.autoSignIn": False})
async def roles_without_sign_in(s: Side) -> None:
    ada = await s.signed_up("unseen@example.com")
    await ada.sign_up("unseen@example.com")
    await ada.sign_in("unseen@example.com")
    await ada.get("/get-session")


@scenario({"plugins": ["two-factor", "admin"]})
async def banned_users_with_a_second_factor(s: Side) -> None:
    admin = await administrator(s, "factor-admin@example.com")
    ada = await s.signed_up("factor@example.com")
    user_id = await id_of(s, "factor@example.com")
    await s.sql(
        'UPDATE "user" SET "twoFactorEnabled" = ? WHERE email = ?', True, "factor@example.com"
    )
    await admin.get("/admin/list-users?filterField=twoFactorEnabled&filterValue=true")
    await admin.post("/admin/ban-user", {"userId": user_id})
    await ada.sign_in("factor@example.com")
    await admin.post("/admin/unban-user", {"userId": user_id})
    await admin.post("/admin/impersonate-user", {"userId": user_id})
    await admin.get("/get-session")
    await admin.post("/admin/stop-impersonating", {})


@scenario({**ON, **MAILED_LINKS}, postgres=True)
async def mailed_link_of_a_banned_user(s: Side) -> None:
    email = "linked@example.com"
    admin = await administrator(s, "linking@example.com")
    ada = await s.signed_up(email)
    await ada.post("/send-verification-email", {"email": email, "callbackURL": "/next"})
    letter = await s.mail(email)
    user_id = await id_of(s, email)
    await admin.post("/admin/ban-user", {"userId": user_id})
    await s.browser().open(letter.link)
    await admin.get(f"/admin/get-user?id={user_id}")
