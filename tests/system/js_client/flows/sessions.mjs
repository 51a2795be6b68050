export default async ({ open, ada }) => {
  const [phone, tablet, laptop] = [open().auth, open().auth, open().auth];
  const stranger = open().auth;
  await stranger.signUp.email({ ...ada, email: `eve-${ada.email}` });
  await phone.signUp.email(ada);
  for (const device of [tablet, laptop]) await device.signIn.email(ada);
  const tokenOf = async ({ getSession }) => (await getSession()).data?.session.token ?? null;
  const alive = () => Promise.all([phone, tablet, laptop, stranger].map(tokenOf));

  const before = await alive();
  const listed = await laptop.listSessions();
  const foreign = await stranger.revokeSession({ token: before[0] });
  const afterForeign = await alive();
  const one = await laptop.revokeSession({ token: before[0] });
  const afterOne = await alive();
  const others = await laptop.revokeOtherSessions();
  const afterOthers = await alive();
  const all = await laptop.revokeSessions();
  const afterAll = await alive();
  const refused = await laptop.listSessions();
  const malformed = await stranger.revokeSession({ token: 5 });
  return {
    before, listed, foreign, afterForeign, one, afterOne, others, afterOthers, all, afterAll,
    refused, malformed, revived: listed.data[0].createdAt instanceof Date,
  };
};
