export default async ({ open, ada, outcome }) => {
  const evil = open({ from: "http://evil.example" }).auth;
  const signUp = await outcome(evil.signUp.email(ada));
  const session = await outcome(evil.getSession());
  const own = await open().auth.signUp.email(ada);
  return { signUp, session, own };
};
