export default async ({ open, ada }) => {
  await open().auth.signUp.email(ada);
  const { auth, jar } = open();
  await auth.signIn.email({ ...ada, rememberMe: false });
  const session = await auth.getSession();
  const cookies = jar.list();
  jar.endSession();
  return { session, cookies, reopened: await auth.getSession() };
};
