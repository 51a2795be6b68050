import { lastLoginMethodClient } from "better-auth/client/plugins";

export default async ({ open, ada }) => {
  const { auth, jar } = open({ plugins: [lastLoginMethodClient()] });
  // What the page reads: all cookies of the server that are not HttpOnly.
  globalThis.document = {
    get cookie() {
      return jar.visible().join("; ");
    },
  };
  const before = auth.getLastUsedLoginMethod();
  await auth.signUp.email(ada);
  await auth.signOut();
  return {
    before,
    after: auth.getLastUsedLoginMethod(),
    isEmail: auth.isLastUsedLoginMethod("email"),
    readable: document.cookie,
  };
};
