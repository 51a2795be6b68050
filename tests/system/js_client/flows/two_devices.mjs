export default async ({ open, ada }) => {
  const phone = open().auth;
  const laptop = open().auth;
  await phone.signUp.email(ada);
  await laptop.signIn.email(ada);
  const before = [await phone.getSession(), await laptop.getSession()];
  await phone.signOut();
  return { before, phone: await phone.getSession(), laptop: await laptop.getSession() };
};
