"""The plugin `organization`: organizations, members, invitations, teams, and roles of their own."""

from datetime import timedelta

from ..http import Answer
from ..scenario import scenario
from ..side import Caller, Side

ON = {"plugins": ["organization"]}
STATEMENTS = {
    "organization": ["update", "delete"],
    "member": ["create", "update", "delete"],
    "invitation": ["create", "cancel"],
    "team": ["create", "update", "delete"],
    "ac": ["create", "read", "update", "delete"],
    "project": ["create", "share"],
}
TEAMS = {
    **ON,
    "organization.teams.enabled": True,
    "organization.teams.maximumTeams": 3,
    "organization.teams.maximumMembersPerTeam": 2,
    "organization.dynamicAccessControl.enabled": True,
    "organization.dynamicAccessControl.maximumRolesPerOrganization": 3,
    "organization.ac": STATEMENTS,
}
MAILED = {
    **ON,
    "organization.sendInvitationEmail": True,
    "organization.invitationExpiresIn": 3600,
    "organization.invitationLimit": 2,
    "organization.membershipLimit": 2,
    "organization.organizationLimit": 2,
    "organization.cancelPendingInvitationsOnReInvite": True,
    "organization.requireEmailVerificationOnInvitation": True,
    "organization.disableOrganizationDeletion": True,
}
PAST = "2020-01-01T00:00:00.000Z"
NOBODYS: tuple[tuple[str, object], ...] = (
    ("/organization/create", {"name": "x", "slug": "y"}),
    ("/organization/create", {"name": "", "slug": 3}),
    ("/organization/create", {}),
    ("/organization/create", {"name": "x", "slug": "y", "metadata": 3, "logo": 4}),
    ("/organization/create", {"name": "x", "slug": "y", "keepCurrentActiveOrganization": "x"}),
    ("/organization/create", []),
    ("/organization/update", {"data": {}}),
    ("/organization/update", {}),
    ("/organization/update", {"data": {"name": ""}, "organizationId": 3}),
    ("/organization/delete", {"organizationId": "x"}),
    ("/organization/delete", {}),
    ("/organization/set-active", {}),
    ("/organization/set-active", {"organizationId": 3}),
    ("/organization/check-slug", {"slug": "a"}),
    ("/organization/check-slug", {}),
    ("/organization/invite-member", {"email": "a@b.cd", "role": "member"}),
    ("/organization/invite-member", {"email": "a@b.cd", "role": 3, "teamId": 4}),
    ("/organization/invite-member", {"email": "a@b.cd", "role": ["a", 3], "teamId": None}),
    ("/organization/invite-member", {"resend": "x"}),
    ("/organization/accept-invitation", {}),
    ("/organization/accept-invitation", {"invitationId": "x"}),
    ("/organization/reject-invitation", {"invitationId": "x"}),
    ("/organization/cancel-invitation", {"invitationId": "x"}),
    ("/organization/has-permission", {}),
    ("/organization/has-permission", {"permissions": {"a": "b"}}),
    ("/organization/has-permission", {"permissions": {"a": ["b", 3]}}),
    ("/organization/has-permission", {"permissions": {}, "permission": {"a": ["b"]}}),
    ("/organization/has-permission", {"permissions": 3, "organizationId": 4}),
    ("/organization/has-permission", {"permission": {"a": []}}),
    ("/organization/remove-member", {}),
    ("/organization/remove-member", {"memberIdOrEmail": "x"}),
    ("/organization/update-member-role", {}),
    ("/organization/update-member-role", {"role": [3], "memberId": "x"}),
    ("/organization/update-member-role", {"role": "x", "memberId": "x"}),
    ("/organization/leave", {}),
    ("/organization/leave", {"organizationId": "x"}),
)
NOBODYS_TEAMS: tuple[tuple[str, object], ...] = (
    ("/organization/create-team", {}),
    ("/organization/create-team", {"name": "x"}),
    ("/organization/remove-team", {"teamId": "x"}),
    ("/organization/remove-team", {"teamId": "x", "organizationId": "y"}),
    ("/organization/remove-team", {}),
    ("/organization/update-team", {"teamId": "x", "data": {"name": ""}}),
    ("/organization/update-team", {"teamId": "x", "data": {"organizationId": 3}}),
    ("/organization/update-team", {"teamId": "x", "data": {}}),
    ("/organization/update-team", {}),
    ("/organization/set-active-team", {}),
    ("/organization/set-active-team", {"teamId": 3}),
    ("/organization/add-team-member", {}),
    ("/organization/add-team-member", {"teamId": "x", "userId": None}),
    ("/organization/remove-team-member", {"teamId": 3}),
    ("/organization/remove-team-member", {"teamId": "x", "userId": 3}),
    ("/organization/create-role", {}),
    ("/organization/create-role", {"role": "x", "permission": {"a": "b", "c": [1]}}),
    ("/organization/create-role", {"role": "x", "permission": {}, "additionalFields": 3}),
    ("/organization/create-role", {"role": "x", "permission": {}}),
    ("/organization/delete-role", {}),
    ("/organization/delete-role", {"roleName": ""}),
    ("/organization/delete-role", {"roleName": "", "roleId": ""}),
    ("/organization/delete-role", {"roleName": 3, "organizationId": 3}),
    ("/organization/delete-role", {"roleId": "x"}),
    ("/organization/update-role", {}),
    ("/organization/update-role", {"data": {}}),
    ("/organization/update-role", {"data": {"permission": 3, "roleName": 4}, "roleId": "x"}),
    ("/organization/update-role", {"data": {"permission": {"a": ["x", 4]}}, "roleId": "x"}),
    ("/organization/update-role", {"data": {}, "roleId": "x"}),
)


async def _create(caller: Caller, slug: str, **fields: object) -> str:
    """The id of a new organization."""
    body = {"name": "Acme", "slug": slug, **fields}
    return str((await caller.post("/organization/create", body)).json["id"])


async def _invite(caller: Caller, email: str, role: object = "member", **fields: object) -> Answer:
    body = {"email": email, "role": role, **fields}
    return await caller.post("/organization/invite-member", body)


async def _join(owner: Caller, joiner: Caller, email: str, role: object = "member") -> str:
    """The id of the membership of somebody who is invited and accepts."""
    invitation = (await _invite(owner, email, role)).json["id"]
    answer = await joiner.post("/organization/accept-invitation", {"invitationId": invitation})
    return str(answer.json["member"]["id"])


@scenario(ON)
async def nobody_is_signed_in(s: Side) -> None:
    nobody = s.browser()
    for path, body in NOBODYS:
        await nobody.post(path, body)
    for path in (
        *("get-organization", "get-full-organization", "list", "get-invitation"),
        *("get-invitation?id=x", "list-invitations", "list-user-invitations"),
        *("list-user-invitations?email=a@b.cd", "list-members", "get-active-member"),
        *("list-members?limit=1&limit=2", "list-members?sortDirection=x&filterOperator=y"),
        *("get-active-member-role", "list-teams", "list-roles"),
    ):
        await nobody.get(f"/organization/{path}")
    await nobody.post("/organization/create-team", {"name": "x"})
    await nobody.post("/organization/add-member", {"userId": "x", "role": "member"})


@scenario(ON, postgres=True)
async def without_an_organization(s: Side) -> None:
    ada = await s.signed_up("without@example.com")
    for path in (
        *("list", "get-organization", "get-full-organization", "get-active-member"),
        *("get-active-member-role", "list-members", "list-invitations", "list-user-invitations"),
        *("get-organization?organizationSlug=nope", "get-full-organization?organizationId=nope"),
        *("list-members?organizationSlug=nope", "get-active-member-role?organizationId=nope"),
    ):
        await ada.get(f"/organization/{path}")
    for path, body in (
        ("set-active", {}),
        ("set-active", {"organizationId": None}),
        ("set-active", {"organizationSlug": "nope"}),
        ("set-active", {"organizationId": "nope"}),
        ("update", {"data": {"name": "q"}}),
        ("delete", {"organizationId": ""}),
        ("invite-member", {"email": "x@example.com", "role": "member"}),
        ("remove-member", {"memberIdOrEmail": "x"}),
        ("update-member-role", {"memberId": "x", "role": ""}),
        ("update-member-role", {"memberId": "x", "role": "admin"}),
        ("update-member-role", {"memberId": "x", "role": ",", "organizationId": "x"}),
        ("has-permission", {"permissions": {"organization": ["update"]}}),
        ("leave", {"organizationId": "nope"}),
    ):
        await ada.post(f"/organization/{path}", body)
    await ada.get("/get-session")


@scenario(ON, postgres=True)
async def life_of_an_organization(s: Side) -> None:
    ada = await s.signed_up("life@example.com")
    metadata = {"plan": "pro", "more": {"list": [1, 2.5, None, "é"]}}
    acme = await _create(ada, "life", metadata=metadata, logo=None, extra=1)
    await ada.get("/get-session")
    await ada.post("/organization/create", {"name": "Acme", "slug": "life"})
    other = await _create(
        ada, "life2", keepCurrentActiveOrganization=True, logo="https://x.example/l.png"
    )
    await _create(ada, "life3", metadata={})
    await ada.get("/organization/list")
    await ada.get("/get-session")
    for query in (
        *("", f"?organizationId={acme}", "?organizationSlug=life2", "?organizationSlug=nope"),
        f"?organizationSlug=life2&organizationId={acme}",
    ):
        await ada.get(f"/organization/get-organization{query}")
        await ada.get(f"/organization/get-full-organization{query}")
    await ada.get("/organization/get-full-organization?membersLimit=abc")
    await ada.post("/organization/set-active", {"organizationSlug": "life"})
    await ada.post("/organization/set-active", {"organizationId": "nope"})
    await ada.get("/get-session")
    await ada.post("/organization/set-active", {"organizationId": acme})
    await ada.post("/organization/set-active", {})
    await ada.post("/organization/check-slug", {"slug": "life"})
    await ada.post("/organization/check-slug", {"slug": "free"})
    for data in (
        {"name": "Acme Inc.", "metadata": {"z": 1}},
        {"slug": "life2"},
        {"slug": "life", "logo": None},
        {"logo": "x" * 20_000},
    ):
        await ada.post("/organization/update", {"data": data})
    data = {"name": "B", "id": "mine", "createdAt": "2020-01-01T00:00:00.000Z"}
    await ada.post("/organization/update", {"data": data, "organizationId": other})
    await ada.post("/organization/delete", {"organizationId": other})
    await ada.post("/organization/set-active", {"organizationId": None})
    await ada.post("/organization/set-active", {"organizationId": None})
    await ada.post("/organization/set-active", {"organizationId": acme})
    await ada.post("/organization/delete", {"organizationId": acme})
    await ada.get("/get-session")
    await ada.get("/organization/list")


@scenario(ON)
async def nobody_sets_what_is_active(s: Side) -> None:
    ada = await s.signed_up("sets@example.com", activeOrganizationId="x")
    await ada.post("/update-session", {"activeOrganizationId": "x"})
    await ada.post("/update-user", {"activeOrganizationId": "x", "name": "Countess"})
    await ada.get("/get-session")


@scenario(ON, postgres=True)
async def outsider_learns_nothing(s: Side) -> None:
    ada, eve = await s.signed_up("inside@example.com"), await s.signed_up("outside@example.com")
    acme = await _create(ada, "inside")
    member = (await ada.get("/organization/get-active-member")).json["id"]
    invitation = (await _invite(ada, "third@example.com")).json["id"]
    await _create(eve, "outside")
    for path in (
        *("get-organization", "get-full-organization", "list-members", "list-invitations"),
        "get-active-member-role",
    ):
        await eve.get(f"/organization/{path}?organizationId={acme}")
    await eve.get("/organization/list-members?organizationSlug=inside")
    await eve.get("/get-session")
    await eve.post("/organization/set-active", {"organizationSlug": "outside"})
    await eve.get(f"/organization/get-invitation?id={invitation}")
    for path, body in (
        ("set-active", {"organizationId": acme}),
        ("update", {"data": {"name": "H"}, "organizationId": acme}),
        ("delete", {"organizationId": acme}),
        ("leave", {"organizationId": acme}),
        ("has-permission", {"permissions": {"ac": ["read"]}, "organizationId": acme}),
        ("invite-member", {"email": "x@example.com", "role": "member", "organizationId": acme}),
        ("remove-member", {"memberIdOrEmail": member, "organizationId": acme}),
        ("update-member-role", {"memberId": member, "role": "admin", "organizationId": acme}),
        ("accept-invitation", {"invitationId": invitation}),
        ("reject-invitation", {"invitationId": invitation}),
        ("cancel-invitation", {"invitationId": invitation}),
    ):
        await eve.post(f"/organization/{path}", body)
    await eve.post("/organization/set-active", {"organizationSlug": "outside"})
    await eve.post("/organization/remove-member", {"memberIdOrEmail": member})
    await eve.post("/organization/update-member-role", {"memberId": member, "role": "admin"})


@scenario(ON, postgres=True)
async def invitations(s: Side) -> None:
    ada, bob = await s.signed_up("inviter@example.com"), await s.signed_up("invited@example.com")
    await _create(ada, "invitations")
    first = (await _invite(ada, "INVITED@example.com", extra=1, teamId="none")).json["id"]
    await _invite(ada, "invited@example.com")
    await _invite(ada, "invited@example.com", "admin", resend=True)
    await _invite(ada, "inviter@example.com")
    await _invite(ada, "no address")
    await _invite(ada, "e@example.com", "boss, chief,admin")
    await _invite(ada, "e@example.com", " , ")
    await _invite(ada, "e@example.com", "\x85member")
    await _invite(ada, "e2@example.com", "\ufeff member\u2029")
    await _invite(ada, "e@example.com", ["admin ", "member"])
    await _invite(ada, "f@example.com", "owner")
    await ada.get("/organization/list-invitations")
    await ada.get(f"/organization/get-invitation?id={first}")
    await bob.get(f"/organization/get-invitation?id={first}")
    await bob.get("/organization/get-invitation?id=nope")
    await bob.get("/organization/list-user-invitations")
    await s.sql(
        'UPDATE "user" SET "emailVerified" = ? WHERE email = ?', True, "invited@example.com"
    )
    bob = s.browser()
    await bob.sign_in("invited@example.com")
    await bob.get("/organization/list-user-invitations")
    for path in ("accept", "reject", "cancel"):
        await bob.post(f"/organization/{path}-invitation", {"invitationId": "nope"})
    await bob.post("/organization/accept-invitation", {"invitationId": first})
    for path in ("accept", "reject", "cancel"):
        await bob.post(f"/organization/{path}-invitation", {"invitationId": first})
    await bob.get("/get-session")
    await bob.get("/organization/list-invitations")
    await bob.get("/organization/get-full-organization")
    await ada.get("/organization/get-full-organization")
    await bob.get("/organization/list-user-invitations")
    await ada.post("/organization/cancel-invitation", {"invitationId": first})


@scenario(ON, postgres=True)
async def refused_and_expired_invitations(s: Side) -> None:
    ada, bob = await s.signed_up("refused@example.com"), await s.signed_up("refuser@example.com")
    acme = await _create(ada, "refused")
    for path, caller in (("reject", bob), ("cancel", ada), ("cancel", ada)):
        made = (await _invite(ada, "refuser@example.com")).json["id"]
        await caller.post(f"/organization/{path}-invitation", {"invitationId": made})
        await caller.post(f"/organization/{path}-invitation", {"invitationId": made})
    late = (await _invite(ada, "refuser@example.com")).json["id"]
    await s.sql(f"UPDATE invitation SET \"expiresAt\" = '{PAST}' WHERE id = ?", late)
    await bob.get(f"/organization/get-invitation?id={late}")
    await bob.post("/organization/accept-invitation", {"invitationId": late})
    await bob.post("/organization/reject-invitation", {"invitationId": late})
    made = (await _invite(ada, "refuser@example.com")).json["id"]
    await ada.post("/organization/delete", {"organizationId": acme})
    await bob.post("/organization/accept-invitation", {"invitationId": made})


@scenario(ON, postgres=True)
async def members_and_roles(s: Side) -> None:
    ada, bob = await s.signed_up("owner@example.com"), await s.signed_up("member@example.com")
    acme = await _create(ada, "members")
    mine = (await ada.get("/organization/get-active-member")).json["id"]
    member = await _join(ada, bob, "member@example.com")
    for role in ("owner", "admin"):
        await bob.post("/organization/update-member-role", {"memberId": member, "role": role})
    await bob.post("/organization/remove-member", {"memberIdOrEmail": mine})
    await _invite(bob, "z@example.com")
    await bob.post("/organization/update", {"data": {"name": "B"}})
    for roles in ("boss,x", "", ",", [], ["admin ", " member"]):
        await ada.post("/organization/update-member-role", {"memberId": member, "role": roles})
    await ada.post("/organization/update-member-role", {"memberId": mine, "role": "member"})
    await ada.post("/organization/update-member-role", {"memberId": "nope", "role": "admin"})
    for one, role in ((mine, "member"), (member, "owner")):
        await bob.post("/organization/update-member-role", {"memberId": one, "role": role})
    await bob.post("/organization/remove-member", {"memberIdOrEmail": "OWNER@example.com"})
    await _invite(ada, "f@example.com", "owner")
    await _invite(bob, "z@example.com", "owner")
    await _invite(bob, "f@example.com", resend=True)
    await bob.get("/organization/list-invitations")
    await bob.get("/organization/get-full-organization")
    await bob.post("/organization/delete", {"organizationId": acme})
    both: tuple[dict[str, list[str]], ...] = ({"member": ["create"]}, {"ac": []})
    for asked in both:
        await bob.post("/organization/has-permission", {"permissions": asked})
    for permissions in ({}, {"organization": ["update"], "x": ["y"]}, {"organization": ["fly"]}):
        await ada.post("/organization/has-permission", {"permissions": permissions})
    await ada.post("/organization/has-permission", {"permission": {"organization": ["update"]}})
    users = [each["userId"] for each in (await _members(ada)).json["members"]]
    for user in (*users, "nope"):
        await ada.get(f"/organization/get-active-member-role?userId={user}")
    await ada.post("/organization/leave", {"organizationId": acme})
    for one in (mine, "nobody@example.com", "nope"):
        await ada.post("/organization/remove-member", {"memberIdOrEmail": one})
    await ada.post("/organization/remove-member", {"memberIdOrEmail": member})
    await bob.get("/get-session")
    await bob.get("/organization/get-organization")
    await bob.get("/get-session")
    again = await _join(ada, bob, "member@example.com", "owner")
    await ada.post("/organization/update-member-role", {"memberId": mine, "role": "admin"})
    await ada.post("/organization/update-member-role", {"memberId": again, "role": "admin"})
    await bob.post("/organization/remove-member", {"memberIdOrEmail": "MEMBER@example.com"})
    await bob.post("/organization/update-member-role", {"memberId": mine, "role": "owner"})
    await bob.post("/organization/remove-member", {"memberIdOrEmail": "member@example.com"})
    await bob.get("/get-session")
    await ada.get("/organization/list-members")


async def _members(caller: Caller, query: str = "") -> Answer:
    return await caller.get(f"/organization/list-members{query}")


@scenario(ON, postgres=True)
async def lists_of_members(s: Side) -> None:
    ada, bob = await s.signed_up("lists@example.com"), await s.signed_up("listed@example.com")
    await _create(ada, "lists")
    await _join(ada, bob, "listed@example.com")
    for query in (
        *("", "?limit=1&sortBy=role", "?limit=1&offset=1&sortBy=role", "?limit=abc", "?offset=x"),
        *("?limit=0", "?sortBy=role", "?sortBy=createdAt&sortDirection=desc", "?sortDirection=asc"),
        *("?filterField=role&filterValue=owner", "?organizationSlug=lists", "?limit=1&limit=2"),
        "?filterField=role&filterOperator=ne&filterValue=owner",
        "?filterField=role&filterOperator=contains&filterValue=mem",
        "?filterField=role&filterOperator=starts_with&filterValue=o",
        "?filterField=role&filterOperator=ends_with&filterValue=r&sortBy=role",
        "?filterField=role&filterOperator=in&filterValue=owner&filterValue=x",
        "?filterField=role&filterOperator=not_in&filterValue=owner",
        "?filterField=role&filterOperator=gt&filterValue=n",
        "?filterField=createdAt&filterOperator=gt&filterValue=2020-01-01&sortBy=role",
        "?filterField=createdAt&filterOperator=lte&filterValue=2020-01-01",
        "?filterField=role&filterOperator=zz&filterValue=m",
        "?filterField=role&filterOperator=eq&filterValue=",
    ):
        await _members(ada, query)
    await bob.get("/organization/get-full-organization?membersLimit=1")


@scenario(ON)
async def unusable_filters(s: Side) -> None:
    ada = await s.signed_up("filters@example.com")
    await _create(ada, "filters")
    for query in (
        *("?sortBy=nope", "?filterField=user.email&filterValue=x", "?filterField=role"),
        "?filterField=role&filterOperator=in&filterValue=owner",
    ):
        await _members(ada, query)
    await ada.post("/organization/update", {"data": {}})


@scenario(MAILED, postgres=True)
async def mailed_and_limited_invitations(s: Side) -> None:
    ada, bob = await s.signed_up("limits@example.com"), await s.signed_up("mailed@example.com")
    acme = await _create(ada, "limits")
    first = (await _invite(ada, "mailed@example.com")).json["id"]
    await s.mail("mailed@example.com")
    await bob.post("/organization/accept-invitation", {"invitationId": first})
    await bob.post("/organization/reject-invitation", {"invitationId": first})
    await bob.get(f"/organization/get-invitation?id={first}")
    await _invite(ada, "mailed@example.com", resend=True)
    await s.mail("mailed@example.com")
    second = (await _invite(ada, "MAILED@example.com", "admin")).json["id"]
    await s.mail("mailed@example.com")
    third = (await _invite(ada, "m3@example.com")).json["id"]
    await _invite(ada, "m4@example.com")
    await ada.get("/organization/list-invitations")
    await s.sql('UPDATE "user" SET "emailVerified" = ?', True)
    bob, cy = s.browser(), await s.signed_up("m3@example.com")
    await s.sql('UPDATE "user" SET "emailVerified" = ?', True)
    await bob.sign_in("mailed@example.com")
    await cy.sign_in("m3@example.com")
    await bob.post("/organization/accept-invitation", {"invitationId": first})
    await bob.post("/organization/accept-invitation", {"invitationId": second})
    await cy.post("/organization/accept-invitation", {"invitationId": third})
    await cy.get("/organization/list-user-invitations")
    await ada.post("/organization/delete", {"organizationId": acme})
    await s.client().post("/organization/delete", {"organizationId": acme})
    await _create(ada, "limits2")
    await ada.post("/organization/create", {"name": "x", "slug": "limits3"})
    await ada.get("/organization/list")


@scenario(
    {
        **ON,
        "organization.allowUserToCreateOrganization": False,
        "organization.schema.session.fields": {"activeOrganizationId": "active_org"},
        "organization.schema.organization.modelName": "companies",
        "organization.schema.organization.fields": {"slug": "short_name"},
        "organization.schema.member.modelName": "staff",
        "organization.schema.member.fields": {"organizationId": "company", "role": "job"},
        "organization.schema.invitation.modelName": "offers",
        "organization.schema.invitation.fields": {"email": "mail"},
    },
    postgres=True,
)
async def own_names_and_no_creation(s: Side) -> None:
    ada, bob = await s.signed_up("names@example.com"), await s.signed_up("names2@example.com")
    await ada.post("/organization/create", {"name": "x", "slug": "names"})
    await s.sql(
        f"INSERT INTO companies (id, name, short_name, \"createdAt\") VALUES (?, ?, ?, '{PAST}')",
        *("c1", "Acme", "names"),
    )
    await s.sql(
        'INSERT INTO staff (id, company, "userId", job, "createdAt")'
        f" SELECT ?, ?, id, ?, '{PAST}' FROM \"user\" WHERE email = ?",
        *("m1", "c1", "owner", "names@example.com"),
    )
    await ada.post("/organization/set-active", {"organizationSlug": "names"})
    await _join(ada, bob, "names2@example.com")
    await ada.get("/organization/get-full-organization")
    await _members(ada, "?filterField=role&filterValue=owner&sortBy=organizationId")
    await bob.get("/get-session")


@scenario(
    {
        **ON,
        "organization.creatorRole": "boss",
        "organization.ac": STATEMENTS,
        "organization.roles": {
            "boss": {**STATEMENTS},
            "clerk": {"project": ["create"], "invitation": ["create"]},
        },
    }
)
async def own_roles(s: Side) -> None:
    ada, bob = await s.signed_up("boss@example.com"), await s.signed_up("clerk@example.com")
    acme = await _create(ada, "boss")
    mine = (await ada.get("/organization/get-active-member")).json["id"]
    member = await _join(ada, bob, "clerk@example.com", "clerk,owner")
    for permissions in ({"project": ["share"]}, {"project": ["create"]}, {"member": ["delete"]}):
        await bob.post("/organization/has-permission", {"permissions": permissions})
        await ada.post("/organization/has-permission", {"permissions": permissions})
    await _invite(bob, "b3@example.com", "boss")
    await bob.post("/organization/update-member-role", {"memberId": mine, "role": "clerk"})
    await bob.post("/organization/remove-member", {"memberIdOrEmail": mine})
    await ada.post("/organization/leave", {"organizationId": acme})
    await ada.post("/organization/update-member-role", {"memberId": member, "role": "x"})
    await ada.post("/organization/update-member-role", {"memberId": member, "role": "boss"})
    await ada.post("/organization/leave", {"organizationId": acme})


@scenario(TEAMS)
async def nobody_is_signed_in_for_teams_and_roles(s: Side) -> None:
    nobody = s.browser()
    for path, body in NOBODYS_TEAMS:
        await nobody.post(path, body)
    for path in (
        *("list-teams", "list-user-teams", "list-team-members", "list-roles", "get-role"),
        *("get-role?roleId=", "get-role?roleName=&roleId=", "get-role?roleId=x"),
        "get-role?organizationId=x",
    ):
        await nobody.get(f"/organization/{path}")


@scenario(TEAMS)
async def teams_and_roles_without_an_organization(s: Side) -> None:
    ada = await s.signed_up("noteam@example.com")
    for path in ("list-teams", "list-user-teams", "list-team-members", "list-roles"):
        await ada.get(f"/organization/{path}")
    await ada.get("/organization/list-user-teams?userId=nope")
    await ada.get("/organization/get-role?roleId=x")
    await ada.get("/organization/list-roles?organizationId=nope")
    for path, body in (
        ("set-active-team", {}),
        ("set-active-team", {"teamId": None}),
        ("set-active-team", {"teamId": "x"}),
        ("create-team", {"name": "x"}),
        ("create-team", {"name": "x", "organizationId": "nope"}),
        ("remove-team", {"teamId": "x"}),
        ("update-team", {"teamId": "x", "data": {"name": "y"}}),
        ("add-team-member", {"teamId": "x", "userId": "y"}),
        ("remove-team-member", {"teamId": "x", "userId": "y"}),
        ("create-role", {"role": "x", "permission": {}}),
        ("create-role", {"role": "ADMIN", "permission": {}, "organizationId": "nope"}),
        ("create-role", {"role": "x", "permission": {}, "organizationId": "nope"}),
        ("delete-role", {"roleId": "x"}),
        ("update-role", {"data": {}, "roleId": "x"}),
    ):
        await ada.post(f"/organization/{path}", body)


@scenario(TEAMS, postgres=True)
async def teams(s: Side) -> None:
    ada, bob = await s.signed_up("teams@example.com"), await s.signed_up("team2@example.com")
    cy = await s.signed_up("team3@example.com")
    acme = await _create(ada, "teams")
    await ada.get("/get-session")
    first = (await ada.get("/organization/list-teams")).json[0]["id"]
    await ada.get("/organization/get-full-organization")
    second = (await ada.post("/organization/create-team", {"name": "Two"})).json["id"]
    await ada.post("/organization/create-team", {"name": "Two", "extra": 1})
    await ada.post("/organization/create-team", {"name": "Four"})
    for team, data in (
        (second, {"name": "Deux"}),
        (second, {}),
        (second, {"createdAt": "2020-01-01T00:00:00.000Z", "updatedAt": 3}),
        (second, {"organizationId": "zz", "name": "q"}),
        ("nope", {"name": "q"}),
    ):
        await ada.post("/organization/update-team", {"teamId": team, "data": data})
    for body in ({"teamId": second}, {"teamId": first}, {}, {"teamId": None}, {"teamId": first}):
        await ada.post("/organization/set-active-team", body)
    me = (await ada.get("/organization/get-active-member")).json["userId"]
    await ada.get("/organization/list-team-members")
    for path in (
        *("list-user-teams", f"list-team-members?teamId={second}"),
        *("list-team-members?teamId=nope", f"list-user-teams?organizationId={acme}"),
        f"list-user-teams?userId={me}",
    ):
        await ada.get(f"/organization/{path}")
    add = {"teamId": second, "userId": me}
    for more in ({}, {}, {"userId": "nope"}, {"userId": 3}, {"teamId": "nope"}):
        await ada.post("/organization/add-team-member", {**add, **more})
    made = (await _invite(ada, "team2@example.com", teamId=second)).json["id"]
    both = (await _invite(ada, "team3@example.com", teamId=[second, first])).json["id"]
    for team in ("a,b", "nope", ["nope", first], "", [], [""] * 3):
        await _invite(ada, f"t{len(team)}@example.com", teamId=team)
    await bob.post("/organization/accept-invitation", {"invitationId": made})
    await bob.get("/get-session")
    await bob.get("/organization/list-user-teams")
    him = (await bob.get("/organization/get-active-member")).json["userId"]
    await bob.get(f"/organization/list-user-teams?userId={me}")
    await ada.get(f"/organization/list-user-teams?userId={him}")
    await _invite(ada, "team4@example.com", teamId=second)
    await cy.post("/organization/accept-invitation", {"invitationId": both})
    await cy.post("/organization/remove-team", {"teamId": first, "organizationId": acme})
    for path, body in (
        ("remove-team", {"teamId": first}),
        ("update-team", {"teamId": first, "data": {"name": "q"}}),
        ("create-team", {"name": "q"}),
        ("add-team-member", {"teamId": first, "userId": him}),
        ("remove-team-member", {"teamId": first, "userId": him}),
    ):
        await bob.post(f"/organization/{path}", body)
    for team, user in ((first, him), (second, him), ("nope", him), (first, "nope")):
        body = {"teamId": team, "userId": user}
        await ada.post("/organization/remove-team-member", body)
    for team in (first, second, second, "nope"):
        await ada.post("/organization/remove-team", {"teamId": team})
    await ada.get("/organization/list-invitations")
    await cy.post("/organization/accept-invitation", {"invitationId": both})
    await cy.get("/get-session")
    await ada.get("/organization/get-full-organization")
    await ada.post("/organization/remove-member", {"memberIdOrEmail": "team3@example.com"})
    await ada.get("/organization/get-full-organization")
    await cy.get("/organization/list-user-teams")
    await ada.post("/organization/delete", {"organizationId": acme})


@scenario(
    {
        **ON,
        "organization.teams.enabled": True,
        "organization.teams.defaultTeam.enabled": False,
        "organization.teams.allowRemovingAllTeams": True,
        "organization.schema.session.fields": {"activeTeamId": "active_team"},
        "organization.schema.invitation.fields": {"teamId": "team_ids"},
        "organization.schema.team.modelName": "groups",
        "organization.schema.team.fields": {"name": "title"},
        "organization.schema.teamMember.modelName": "group_members",
        "organization.schema.teamMember.fields": {"teamId": "group_id"},
    },
    postgres=True,
)
async def teams_with_other_options(s: Side) -> None:
    ada, bob = await s.signed_up("groups@example.com"), await s.signed_up("group2@example.com")
    acme = await _create(ada, "groups")
    await ada.get("/get-session")
    await ada.get("/organization/list-teams")
    team = (await ada.post("/organization/create-team", {"name": "One"})).json["id"]
    made = (await _invite(ada, "group2@example.com", teamId=team)).json["id"]
    await bob.post("/organization/accept-invitation", {"invitationId": made})
    await bob.get("/get-session")
    await bob.post("/organization/leave", {"organizationId": acme})
    await ada.post("/organization/remove-team", {"teamId": team})
    await ada.get("/organization/get-full-organization")


@scenario(TEAMS, postgres=True)
async def own_roles_of_an_organization(s: Side) -> None:
    ada, bob = await s.signed_up("roles@example.com"), await s.signed_up("role2@example.com")
    await _create(ada, "roles")
    member = await _join(ada, bob, "role2@example.com")
    made = ""
    for role, permission in (
        ("Sales", {"project": ["create"]}),
        ("Sales", {"invitation": ["create"], "team": []}),
        ("Sales", {}),
        ("ADMIN", {}),
        ("z", {"nope": ["x"]}),
        ("z", {"organization": ["fly"], "member": ["create", "x"]}),
        ("b", {}),
        ("c", {"ac": ["read"]}),
        ("d", {}),
    ):
        body = {"role": role, "permission": permission, "additionalFields": {"x": 1}}
        answer = await ada.post("/organization/create-role", body)
        made = made or answer.json.get("roleData", {}).get("id", "")
    await bob.post("/organization/create-role", {"role": "z", "permission": {}})
    for caller in (ada, bob):
        await caller.get("/organization/list-roles")
        await caller.get("/organization/get-role?roleName=sales")
    await ada.get("/organization/get-role?roleName=Sales")
    await ada.get(f"/organization/get-role?roleId={made}")
    await ada.get(f"/organization/get-role?roleId={made}&roleName=b")
    for role, data in (
        ("sales", {"permission": {"team": ["create"]}}),
        ("sales", {"roleName": "Vendor"}),
        ("vendor", {"roleName": "vendor"}),
        ("vendor", {}),
        ("vendor", {"roleName": "owner"}),
        ("vendor", {"permission": {"project": ["create"]}}),
        ("vendor", {"permission": {"nope": []}}),
        ("gone", {}),
    ):
        await ada.post("/organization/update-role", {"roleName": role, "data": data})
    await bob.post("/organization/update-role", {"roleName": "vendor", "data": {}})
    await bob.post("/organization/delete-role", {"roleName": "vendor"})
    change = {"memberId": member, "role": "vendor,member"}
    await ada.post("/organization/update-member-role", change)
    await bob.post("/organization/has-permission", {"permissions": {"team": ["create"]}})
    await bob.post("/organization/create-team", {"name": "q"})
    await ada.post(
        "/organization/update-role", {"roleId": made, "data": {"permission": {}, "roleName": ""}}
    )
    await bob.post("/organization/has-permission", {"permissions": {"team": ["create"]}})
    for which in (
        *({"roleName": "vendor"}, {"roleName": "owner"}, {"roleName": "nope"}),
        *({"roleName": "b"}, {"roleId": "x", "roleName": "c"}, {"roleId": "x"}),
    ):
        await ada.post("/organization/delete-role", which)
    await ada.post("/organization/update-member-role", {**change, "role": "zz,member"})
    await _invite(ada, "e@example.com", "vendor,nope")
    await _invite(ada, "e@example.com", "vendor")


@scenario(
    {
        **ON,
        "organization.dynamicAccessControl.enabled": True,
        "organization.ac": STATEMENTS,
        "organization.schema.organizationRole.modelName": "own_roles",
        "organization.schema.organizationRole.fields": {"permission": "grants"},
    }
)
async def roles_in_a_table_of_another_name(s: Side) -> None:
    ada = await s.signed_up("noac@example.com")
    await _create(ada, "noac")
    await ada.post("/organization/create-role", {"role": "x", "permission": {"ac": ["read"]}})
    await ada.post("/organization/update-role", {"roleName": "x", "data": {"permission": {}}})
    await ada.get("/organization/list-roles")
    await ada.post("/organization/delete-role", {"roleName": "x"})
    await s.age("session", "noac@example.com", createdAt=timedelta(days=1))
    await ada.get("/organization/list")


@scenario({**TEAMS, "secondaryStorage": True}, fresh=True)
async def sessions_elsewhere(s: Side) -> None:
    ada, bob = await s.signed_up("redis@example.com"), await s.signed_up("redis2@example.com")
    acme = await _create(ada, "redis")
    await ada.get("/get-session")
    team = (await ada.get("/organization/list-teams")).json[0]["id"]
    made = (await _invite(ada, "redis2@example.com", teamId=team)).json["id"]
    await bob.post("/organization/accept-invitation", {"invitationId": made})
    await bob.get("/get-session")
    await bob.post("/organization/set-active", {"organizationId": None})
    await bob.post("/organization/set-active-team", {"teamId": None})
    await bob.get("/get-session")
    await ada.post("/organization/delete", {"organizationId": acme})
    await ada.get("/get-session")


@scenario({**ON, "session.cookieCache.enabled": True})
async def cached_sessions(s: Side) -> None:
    ada = await s.signed_up("cached@example.com")
    acme = await _create(ada, "cached")
    await ada.post("/organization/set-active", {"organizationId": acme})
    await ada.get("/get-session")
    await ada.post("/organization/set-active", {"organizationId": None})
    await ada.get("/get-session")
