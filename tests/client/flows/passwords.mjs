export default async ({ open, ada, server, mailed }) => {
  const [laptop, phone] = [open().auth, open().auth];
  await laptop.signUp.email(ada);
  await phone.signIn.email(ada);
  const chosen = "a better horse battery";
  const wrong = await laptop.changePassword({ currentPassword: "wrong", newPassword: chosen });
  const changed = await laptop.changePassword({
    currentPassword: ada.password, newPassword: chosen, revokeOtherSessions: true,
  });
  const here = await laptop.getSession();
  const there = await phone.getSession();
  const old = await phone.signIn.email(ada);

  const stranger = await phone.requestPasswordReset({ email: `x${ada.email}`, redirectTo: "/reset" });
  const asked = await phone.requestPasswordReset({ email: ada.email, redirectTo: "/reset" });
  const opened = await fetch(await mailed(ada.email), { redirect: "manual" });
  const location = new URL(opened.headers.get("location"));
  const reset = { token: location.searchParams.get("token"), newPassword: "the third password" };
  const done = await phone.resetPassword(reset);
  const twice = await phone.resetPassword(reset);
  const signedIn = await phone.signIn.email({ ...ada, password: reset.newPassword });
  return {
    wrong, changed, here, there, old, stranger, asked, done, twice, signedIn,
    leadsTo: location.origin === new URL(server).origin && location.pathname,
  };
};
