export default async ({ open, ada }) => {
  const { auth } = open();
  await auth.signUp.email(ada);
  const updated = await auth.updateUser({ name: "Ada King", image: "https://example.com/a.png" });
  const session = await auth.getSession();
  const nothing = await auth.updateUser({ unknown: 1 });
  const address = await auth.updateUser({ email: "new@example.com" });
  const wrong = await auth.updateUser({ name: 5 });
  const ofSession = await auth.updateSession({ theme: "dark" });
  const stranger = await open().auth.updateUser({ name: "x" });
  return { updated, session, nothing, address, wrong, ofSession, stranger };
};
