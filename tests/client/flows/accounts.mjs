export default async ({ open, ada }) => {
  const { auth } = open();
  await auth.signUp.email(ada);
  const listed = await auth.listAccounts();
  const accountId = listed.data[0].id;
  const last = await auth.unlinkAccount({ accountId });
  const info = await auth.accountInfo({ query: { accountId } });
  const social = await auth.signIn.social({ provider: "github" });
  const wrong = await auth.deleteUser({ password: "wrong" });
  const deleted = await auth.deleteUser({ password: ada.password });
  const session = await auth.getSession();
  const again = await auth.signIn.email(ada);
  return { listed, last, info, social, wrong, deleted, session, again };
};
