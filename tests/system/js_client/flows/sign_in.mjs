export default async ({ open, ada }) => {
  await open().auth.signUp.email(ada);
  const { auth, jar } = open();
  const wrong = await auth.signIn.email({ ...ada, password: "incorrect horse" });
  const unknown = await auth.signIn.email({ ...ada, email: "nobody@example.com" });
  const malformed = await auth.signIn.email({ email: 5, password: ada.password });
  const cookiesAfterRefusals = jar.list();
  const signedIn = await auth.signIn.email({ email: ada.email.toUpperCase(), password: ada.password });
  const session = await auth.getSession();
  return { ada, wrong, unknown, malformed, cookiesAfterRefusals, signedIn, session };
};
