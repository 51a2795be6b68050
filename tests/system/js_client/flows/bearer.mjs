// As in the guide of the bearer plugin: keep the header, send it back, no cookies at all.
export default async ({ open, ada }) => {
  let kept = "";
  const { auth, jar } = open({
    credentials: "omit",
    auth: { type: "Bearer", token: () => kept },
    onSuccess: ({ response }) => (kept = response.headers.get("set-auth-token") || kept),
  });
  const signedUp = await auth.signUp.email(ada);
  const session = await auth.getSession();
  const token = await auth.token();
  const signedOut = await auth.signOut();
  return { kept, signedUp, session, token, signedOut, after: await auth.getSession(), cookies: jar.list() };
};
