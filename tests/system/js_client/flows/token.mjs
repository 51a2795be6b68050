export default async ({ open, ada }) => {
  const { auth } = open();
  const without = await auth.token();
  await auth.signUp.email(ada);
  const session = await auth.getSession();
  const token = await auth.token();
  const jwks = await auth.jwks();
  let header;
  const onSuccess = ({ response }) => (header = response.headers.get("set-auth-jwt"));
  await auth.getSession({ fetchOptions: { onSuccess } });
  return { without, session, token, jwks, header };
};
