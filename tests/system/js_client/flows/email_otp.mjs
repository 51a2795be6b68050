import { emailOTPClient } from "better-auth/client/plugins";

export default async ({ open, ada, mail }) => {
  const { auth } = open({ plugins: [emailOTPClient()] });
  const { email, name, password } = ada;
  const otp = async (count) => (await mail(email, count)).code;
  const sent = await auth.emailOtp.sendVerificationOtp({ email, type: "sign-in" });
  const wrong = await auth.signIn.emailOtp({ email, otp: "x", name });
  const signedIn = await auth.signIn.emailOtp({ email, otp: await otp(1), name });
  const session = await auth.getSession();
  await auth.emailOtp.requestPasswordReset({ email });
  const code = await otp(2);
  const checked = await auth.emailOtp.checkVerificationOtp({ email, type: "forget-password", otp: code });
  const reset = await auth.emailOtp.resetPassword({ email, otp: code, password });
  const withPassword = await open().auth.signIn.email({ email, password });
  const newEmail = `new-${email}`;
  await auth.emailOtp.requestEmailChange({ newEmail });
  const changed = await auth.emailOtp.changeEmail({ newEmail, otp: (await mail(newEmail)).code });
  await auth.emailOtp.sendVerificationOtp({ email: newEmail, type: "email-verification" });
  const verified = await auth.emailOtp.verifyEmail({
    email: newEmail,
    otp: (await mail(newEmail, 2)).code,
  });
  return { sent, wrong, signedIn, session, checked, reset, withPassword, changed, verified };
};
