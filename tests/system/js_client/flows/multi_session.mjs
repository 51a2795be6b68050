import { multiSessionClient } from "better-auth/client/plugins";

export default async ({ open, ada }) => {
  const { auth } = open({ plugins: [multiSessionClient()] });
  const names = async () => {
    const { data } = await auth.multiSession.listDeviceSessions();
    return data.map(({ user }) => user.name);
  };
  const current = async () => (await auth.getSession()).data?.user.name ?? null;
  const first = await auth.signUp.email(ada);
  const eve = { ...ada, name: "Eve", email: ada.email.replace("ada", "eve") };
  const second = await auth.signUp.email(eve);
  const both = [await names(), await current()];
  await auth.multiSession.setActive({ sessionToken: first.data.token });
  const switched = await current();
  await auth.multiSession.revoke({ sessionToken: first.data.token });
  const revoked = [await names(), await current()];
  const unknown = await auth.multiSession.setActive({ sessionToken: first.data.token });
  await auth.signOut();
  const again = await auth.multiSession.setActive({ sessionToken: second.data.token });
  return {
    both,
    switched,
    revoked,
    unknown: [unknown.error.status, unknown.error.code],
    signedOut: [await names(), await current(), again.error.code],
  };
};
