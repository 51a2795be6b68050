import { adminClient } from "better-auth/client/plugins";

/** The first user is an administrator, as the default role says. */
export default async ({ open, ada }) => {
  const { auth } = open({ plugins: [adminClient()] });
  await auth.signUp.email(ada);
  const { data: made } = await auth.admin.createUser({
    email: "bob@example.com",
    password: "another horse battery",
    name: "Bob",
    role: "user",
  });
  const userId = made.user.id;
  const bob = open({ plugins: [adminClient()] }).auth;
  await bob.signIn.email({ email: "bob@example.com", password: "another horse battery" });
  const refused = await bob.admin.listUsers({ query: {} });
  const listed = await auth.admin.listUsers({ query: { sortBy: "email", limit: 1, offset: 1 } });
  const as = await auth.admin.impersonateUser({ userId });
  const during = await auth.getSession();
  const back = await auth.admin.stopImpersonating();
  await auth.admin.banUser({ userId, banReason: "Spam" });
  const ended = await bob.getSession();
  const banned = await bob.signIn.email({
    email: "bob@example.com",
    password: "another horse battery",
  });
  await auth.admin.unbanUser({ userId });
  const may = await auth.admin.hasPermission({ permissions: { user: ["delete"] } });
  const removed = await auth.admin.removeUser({ userId });
  return {
    refused: [refused.error.status, refused.error.code],
    made: made.user.role,
    listed: [listed.data.users.map((user) => user.email), listed.data.total],
    impersonated: [as.data.user.name, during.data.user.name, back.data.user.name],
    ended: ended.data,
    banned: [banned.error.status, banned.error.code],
    may: may.data,
    removed: removed.data,
  };
};
