import { magicLinkClient } from "better-auth/client/plugins";

export default async ({ open, ada, page, mailed }) => {
  const { auth } = open({ plugins: [magicLinkClient()] });
  const { email, name } = ada;
  const sent = await auth.signIn.magicLink({ email, name, callbackURL: `${page}/in` });
  const link = await mailed(email);
  const token = link.searchParams.get("token");
  const verified = await auth.magicLink.verify({ query: { token } });
  const session = await auth.getSession();
  const again = await fetch(link, { redirect: "manual" });
  return { sent, verified, session, again: again.headers.get("location") };
};
