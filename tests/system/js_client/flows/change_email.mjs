export default async ({ open, ada, mailed }) => {
  const { auth } = open();
  const newEmail = `new-${ada.email}`;
  await auth.signUp.email(ada);
  const same = await auth.changeEmail({ newEmail: ada.email.toUpperCase() });
  const asked = await auth.changeEmail({ newEmail, callbackURL: "/changed" });
  const before = await auth.getSession();
  const query = { token: (await mailed(newEmail)).searchParams.get("token") };
  const phone = open().auth;
  const changed = await phone.verifyEmail({ query });
  const onPhone = await phone.getSession();
  const after = await auth.getSession();
  const again = await auth.verifyEmail({ query });
  const signedIn = await open().auth.signIn.email({ ...ada, email: newEmail });
  return { ada, newEmail, same, asked, before, changed, onPhone, after, again, signedIn };
};
