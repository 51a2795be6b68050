import { inferAdditionalFields } from "better-auth/client/plugins";

const fields = inferAdditionalFields({
  user: { lang: { type: "string", required: false }, role: { type: "string", input: false } },
  session: { theme: { type: "string", required: false } },
});

export default async ({ open, ada, page, mailed }) => {
  const { auth, jar } = open({ plugins: [fields] });
  const signedUp = await auth.signUp.email({ ...ada, lang: "fr" });
  const updated = await auth.updateUser({ lang: "de" });
  const themed = await auth.updateSession({ theme: "dark" });
  const session = await auth.getSession();
  const role = await auth.updateUser({ role: "admin" });

  const asked = await auth.deleteUser({ callbackURL: `${page}/bye` });
  const still = await auth.getSession();
  const link = await mailed(ada.email);
  const byStranger = await follow(link);
  const opened = await follow(link, jar.header(link, { crossSite: false }));
  const gone = await auth.getSession();
  const signedIn = await auth.signIn.email(ada);
  return { signedUp, updated, themed, session, role, asked, still, byStranger, opened, gone, signedIn };
};

/** What a click on a link in a mail comes to: no page asks, so no `Origin` is sent. */
async function follow(link, cookie) {
  const answer = await fetch(link, { redirect: "manual", headers: cookie ? { cookie } : {} });
  return { status: answer.status, leadsTo: answer.headers.get("location") };
}
