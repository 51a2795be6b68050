import { createHmac } from "node:crypto";
import { twoFactorClient } from "better-auth/client/plugins";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const DAY = 86400; // a time step, as the test configures it

/** The code of an app that scanned the URI (RFC 6238), some time steps later. */
function codeOf(uri, ahead = 0) {
  const secret = new URL(uri).searchParams.get("secret");
  const bits = [...secret].map((sign) => ALPHABET.indexOf(sign).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 1000 / DAY) + ahead));
  const digest = createHmac("sha1", key).update(counter).digest();
  const number = digest.readUInt32BE(digest.at(-1) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

export default async ({ open, ada, mail }) => {
  const asked = [];
  const onTwoFactorRedirect = ({ twoFactorMethods }) => asked.push(twoFactorMethods);
  const { auth } = open({ plugins: [twoFactorClient({ onTwoFactorRedirect })] });
  const { email, password } = ada;
  await auth.signUp.email(ada);
  const enabled = await auth.twoFactor.enable({ password });
  const { totpURI } = enabled.data;
  const shown = await auth.twoFactor.verifyTotp({ code: codeOf(totpURI, -1) });
  const { data: again } = await auth.twoFactor.getTotpUri({ password });
  await auth.signOut();

  await auth.signIn.email({ email, password });
  const before = await auth.getSession();
  const wrong = await auth.twoFactor.verifyTotp({ code: "000000x" });
  const right = await auth.twoFactor.verifyTotp({ code: codeOf(totpURI), trustDevice: true });
  const session = await auth.getSession();
  await auth.signOut();
  const trusted = await auth.signIn.email({ email, password });
  const made = await auth.twoFactor.generateBackupCodes({ password });

  const { auth: elsewhere } = open({ plugins: [twoFactorClient({ onTwoFactorRedirect })] });
  await elsewhere.signIn.email({ email, password });
  const sent = await elsewhere.twoFactor.sendOtp();
  const mailed = await elsewhere.twoFactor.verifyOtp({ code: (await mail(email)).code });
  await elsewhere.signOut();
  await elsewhere.signIn.email({ email, password });
  const backup = await elsewhere.twoFactor.verifyBackupCode({ code: made.data.backupCodes[0] });
  const disabled = await elsewhere.twoFactor.disable({ password });
  await elsewhere.signOut();
  const plain = await elsewhere.signIn.email({ email, password });
  return {
    asked, shown, before, wrong, right, session, trusted, sent, mailed, backup, disabled, plain,
    isSame: new URL(again.totpURI).searchParams.get("secret") === new URL(totpURI).searchParams.get("secret"),
  };
};
