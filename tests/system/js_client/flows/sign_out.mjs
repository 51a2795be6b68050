export default async ({ open, ada }) => {
  const { auth, jar } = open();
  await auth.signUp.email(ada);
  const signedOut = await auth.signOut();
  return { signedOut, cookies: jar.list(), session: await auth.getSession(), again: await auth.signOut() };
};
