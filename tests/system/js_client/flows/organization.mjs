import { organizationClient } from "better-auth/client/plugins";

export default async ({ open, ada, mailed }) => {
  const plugins = [organizationClient({ teams: { enabled: true } })];
  const { auth } = open({ plugins });
  await auth.signUp.email(ada);
  const { data: acme } = await auth.organization.create({ name: "Acme", slug: ada.email });
  const { data: team } = await auth.organization.createTeam({ name: "Sales" });
  const email = `bob-${ada.email}`;
  await auth.organization.inviteMember({ email, role: "member", teamId: team.id });
  const link = await mailed(email);
  const invitationId = link.pathname.split("/").at(-1);

  const { auth: bob } = open({ plugins });
  await bob.signUp.email({ ...ada, email, name: "Bob" });
  const { data: invitation } = await bob.organization.getInvitation({ query: { id: invitationId } });
  const { data: accepted } = await bob.organization.acceptInvitation({ invitationId });
  const { data: session } = await bob.getSession();
  const refused = await bob.organization.update({ data: { name: "Bob's" } });
  const { data: members } = await auth.organization.listMembers();
  const { data: allowed } = await bob.organization.hasPermission({ permissions: { ac: ["read"] } });
  await auth.organization.removeMember({ memberIdOrEmail: accepted.member.id });
  const { data: full } = await auth.organization.getFullOrganization();
  return {
    acme: acme.id,
    team: team.id,
    link: link.href,
    invitation,
    session,
    refused: refused.error.code,
    members: members.total,
    allowed,
    left: full.members.length,
  };
};
