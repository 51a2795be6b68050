// The store under `useSession` of React, Vue and the rest; it works only where there is a window.
import { once, EventEmitter } from "node:events";

const storage = new Map();
Object.defineProperty(globalThis, "localStorage", {
  value: { setItem: (k, v) => storage.set(k, v), getItem: (k) => storage.get(k) ?? null },
});
globalThis.window = Object.assign(new EventTarget(), { location: new URL("http://localhost:3000/") });

export default async ({ open, ada }) => {
  const { auth } = open();
  const changed = new EventEmitter();
  let state;
  auth.useSession.subscribe((value) => {
    state = value;
    changed.emit("change");
  });

  /** What the store holds, as soon as it has come to rest with what is asked for. */
  async function settled(isWanted) {
    const isThere = () => !state.isPending && !state.isRefetching && isWanted(state.data);
    while (!isThere()) await once(changed, "change");
    return state.data;
  }
  const signedIn = (data) => data !== null;
  const signedOut = (data) => data === null;

  const seen = [await settled(signedOut)];
  await auth.signUp.email(ada);
  seen.push(await settled(signedIn));
  await auth.signOut();
  seen.push(await settled(signedOut));
  await auth.signIn.email(ada);
  seen.push(await settled(signedIn));
  await auth.updateUser({ name: "Ada King" });
  const renamed = await settled((data) => data?.user.name === "Ada King");
  const passwords = { currentPassword: ada.password, newPassword: "a better horse battery" };
  const changedPassword = await auth.changePassword({ ...passwords, revokeOtherSessions: true });
  const { token } = changedPassword.data;
  const afterPassword = await settled((data) => data?.session.token === token);
  await auth.deleteUser({ password: passwords.newPassword });
  const deleted = await settled(signedOut);
  return { ada, seen: seen.map((data) => data?.user.email ?? null), renamed, afterPassword, deleted };
};
