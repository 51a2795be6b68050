import { createRemoteJWKSet, jwtVerify } from "jose";

export default async ({ open, server, ada }) => {
  const { auth } = open();
  await auth.signUp.email(ada);
  const session = await auth.getSession();
  const token = await auth.token();
  const jwks = await auth.jwks();
  let header;
  const onSuccess = ({ response }) => (header = response.headers.get("set-auth-jwt"));
  await auth.getSession({ fetchOptions: { onSuccess } });
  const keys = createRemoteJWKSet(new URL("/api/auth/jwks", server));
  const verify = (jwt) => jwtVerify(jwt, keys, { issuer: server, audience: server });
  const verified = await Promise.all([token.data.token, header].map(verify));
  return { session, jwks, verified: verified.map(({ payload, protectedHeader }) => ({ payload, protectedHeader })) };
};
