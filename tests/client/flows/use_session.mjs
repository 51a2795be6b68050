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

  /** Resolves when the store has come to rest in the state asked for. */
  async function settled(signedIn) {
    const isThere = () => !state.isPending && !state.isRefetching && Boolean(state.data) === signedIn;
    while (!isThere()) await once(changed, "change");
    return state.data?.user.email ?? null;
  }

  const seen = [await settled(false)];
  await auth.signUp.email(ada);
  seen.push(await settled(true));
  await auth.signOut();
  seen.push(await settled(false));
  await auth.signIn.email(ada);
  seen.push(await settled(true));
  return { ada, seen };
};
