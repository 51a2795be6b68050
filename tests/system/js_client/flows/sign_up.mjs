export default async ({ open, ada }) => {
  const { auth, browser, jar } = open();
  const before = await auth.getSession();
  const signedUp = await auth.signUp.email(ada);
  const session = await auth.getSession();
  const again = await auth.signUp.email(ada);
  const cookies = jar.list();
  const revived = session.data.session.expiresAt instanceof Date;
  return { ada, before, signedUp, session, again, cookies, revived, visible: jar.visible(), sent: browser.sent };
};
