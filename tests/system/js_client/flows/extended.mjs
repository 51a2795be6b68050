// What functions of the application change and refuse, as the official client sees it.
import { adminClient } from "better-auth/client/plugins";

export default async ({ open, server, ada }) => {
  /** Presses the button of the application; the service has that of the plugin `admin`. */
  async function ban({ auth, browser }, userId) {
    const { status } = await browser.fetch(`${server}/admin/users/${userId}/ban`, { method: "POST" });
    if (status !== 404) return status;
    const { error } = await auth.admin.banUser({ userId, banReason: "by the button" });
    return error?.status ?? 200;
  }

  const user = open({ from: server, plugins: [adminClient()] });
  const { auth } = user;
  const refused = await auth.signUp.email({ ...ada, email: "eve@example.com" });
  const email = "ada@acme.com";
  const up = await auth.signUp.email({ ...ada, email });
  const token = await auth.token();
  const forgotten = await auth.requestPasswordReset({ email, redirectTo: "/new" });
  const root = open({ from: server, plugins: [adminClient()] });
  const { data } = await root.auth.signIn.email({ email: "root@acme.com", password: ada.password });
  const others = await ban(user, data.user.id);
  const banned = await ban(root, up.data.user.id);
  const session = await auth.getSession();
  const again = await open({ from: server }).auth.signIn.email({ email, password: ada.password });
  return { refused, up, token, forgotten, others, banned, session, again };
};
