export default async ({ open, ada, page, mailed }) => {
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

  const redirectTo = `${page}/reset?from=mail`;
  const stranger = await phone.requestPasswordReset({ email: `x${ada.email}`, redirectTo });
  const foreign = await phone.requestPasswordReset({ email: ada.email, redirectTo: "http://evil.example/" });
  const asked = await phone.requestPasswordReset({ email: ada.email, redirectTo });
  const link = await mailed(ada.email);
  const opened = await leadsTo(link);
  const reset = { token: opened.query.token, newPassword: "the third password" };
  const done = await phone.resetPassword(reset);
  const twice = await phone.resetPassword(reset);
  const reopened = await leadsTo(link);
  const replaced = await phone.signIn.email({ ...ada, password: chosen });
  const signedIn = await phone.signIn.email({ ...ada, password: reset.newPassword });
  return {
    wrong, changed, here, there, old, stranger, foreign, asked, opened, done, twice, reopened,
    replaced, signedIn,
  };
};

/** The page that a link leads to, and what it tells that page. */
async function leadsTo(link) {
  const answer = await fetch(link, { redirect: "manual" });
  const { origin, pathname, searchParams } = new URL(answer.headers.get("location"));
  return { page: origin + pathname, query: Object.fromEntries(searchParams) };
}
