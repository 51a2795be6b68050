import { anonymousClient } from "better-auth/client/plugins";

export default async ({ open, ada }) => {
  const { auth } = open({ plugins: [anonymousClient()] });
  const guest = await auth.signIn.anonymous();
  const session = await auth.getSession();
  const again = await auth.signIn.anonymous();
  const signedUp = await auth.signUp.email(ada);
  const refused = await auth.deleteAnonymousUser();
  const other = open({ plugins: [anonymousClient()] }).auth;
  await other.signIn.anonymous();
  const deleted = await other.deleteAnonymousUser();
  const gone = await other.getSession();
  return { guest, session, again, signedUp, refused, deleted, gone };
};
