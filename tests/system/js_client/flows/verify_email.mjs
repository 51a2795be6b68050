export default async ({ open, ada, page, mailed }) => {
  const { auth } = open();
  await auth.signUp.email(ada);
  const other = await auth.sendVerificationEmail({ email: `x${ada.email}` });
  const sent = await auth.sendVerificationEmail({ email: ada.email, callbackURL: `${page}/in` });
  const link = await mailed(ada.email);
  const query = { token: link.searchParams.get("token") };
  const broken = await auth.verifyEmail({ query: { token: "x" } });
  const verified = await open().auth.verifyEmail({ query });
  const session = await auth.getSession({ query: { disableCookieCache: true } });
  const again = await auth.sendVerificationEmail({ email: ada.email });
  const leadsTo = link.searchParams.get("callbackURL");
  return { other, sent, broken, verified, session, again, leadsTo };
};
