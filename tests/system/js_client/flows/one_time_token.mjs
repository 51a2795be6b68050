import { oneTimeTokenClient } from "better-auth/client/plugins";

export default async ({ open, ada }) => {
  const plugins = [oneTimeTokenClient()];
  const [page, app] = [open({ plugins }).auth, open({ plugins }).auth];
  await page.signUp.email(ada);
  const { data } = await page.oneTimeToken.generate();
  const verified = await app.oneTimeToken.verify({ token: data.token });
  const again = await app.oneTimeToken.verify({ token: data.token });
  const here = await page.getSession();
  const there = await app.getSession();
  return {
    user: verified.data.user.name,
    isOneSession: here.data.session.token === there.data.session.token,
    again: [again.error.status, again.error.message],
  };
};
