// A page of the same origin, and then one of another origin, which needs CORS.
export default async ({ open, server, ada }) => {
  const { auth, browser } = open({ from: server });
  const before = await auth.getSession();
  const up = await auth.signUp.email(ada);
  const session = await auth.getSession();
  const token = await auth.token();
  const me = await (await browser.fetch(`${server}/me`)).json();
  const out = await auth.signOut();
  const elsewhere = open();
  let exposed;
  const onSuccess = ({ response }) => (exposed = response.headers.get("set-auth-token"));
  const { email, password } = ada;
  const crossed = await elsewhere.auth.signIn.email({ email, password }, { onSuccess });
  const wrong = await elsewhere.auth.signIn.email({ email, password: "wrong password" });
  return { before, up, session, token, me, out, crossed, exposed, wrong };
};
