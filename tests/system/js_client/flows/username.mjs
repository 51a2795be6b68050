import { usernameClient } from "better-auth/client/plugins";

export default async ({ open, ada }) => {
  const { auth } = open({ plugins: [usernameClient()] });
  const before = await auth.isUsernameAvailable({ username: "ada_l" });
  const up = await auth.signUp.email({ ...ada, username: "Ada_L" });
  const after = await auth.isUsernameAvailable({ username: "ADA_L" });
  await auth.signOut();
  const wrong = await auth.signIn.username({ username: "ada_l", password: "wrong password" });
  const signedIn = await auth.signIn.username({ username: "ada_l", password: ada.password });
  await auth.updateUser({ username: "countess" });
  const { data } = await auth.getSession();
  return {
    before: before.data,
    signedUp: [up.data.user.username, up.data.user.displayUsername],
    after: after.data,
    wrong: [wrong.error.status, wrong.error.code],
    signedIn: signedIn.data.user.name,
    changed: [data.user.username, data.user.displayUsername],
  };
};
