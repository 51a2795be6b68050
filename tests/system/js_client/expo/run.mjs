// node --import ./phone.mjs run.mjs <folder> <mails>: a person with the app of docs/expo.md, whose
// files lie in <folder>; <mails> is the file that the server's mails come to. Prints what happened.

import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";

const [, , folder, mails] = process.argv;
const app = (file) => import(pathToFileURL(`${folder}/${file}`));

const { authClient } = await app("lib/auth-client.ts");
const { listTasks } = await app("lib/tasks.ts");
const ada = {
  name: "Ada Lovelace",
  email: `ada-${crypto.randomUUID()}@example.com`,
  password: "correct horse battery",
};

/** The link in the latest mail, as soon as there is one. */
async function mailed() {
  for (;;) {
    const lines = (await readFile(mails, "utf8")).split("\n").slice(0, -1);
    if (lines.length) return JSON.parse(lines.at(-1)).link;
    await sleep(20);
  }
}

const signedUp = await authClient.signUp.email({ ...ada, callbackURL: "/welcome" });
const session = await authClient.getSession();
const tasks = signedUp.error ? null : await listTasks();
const renamed = await authClient.updateUser({ name: "Ada King" });
const mail = await authClient.sendVerificationEmail({ email: ada.email, callbackURL: "/verified" });
const opened = mail.error ? null : await fetch(await mailed(), { redirect: "manual" });
const cookie = await authClient.getCookie();
const signedOut = await authClient.signOut();
const kept = await fetch(globalThis.sent[0].url.replace("sign-up/email", "get-session"), { headers: { cookie } });
const afterwards = await kept.json();
const again = await authClient.signIn.email({ email: ada.email, password: ada.password });
const result = {
  ada,
  signedUp,
  session,
  tasks,
  renamed,
  mail,
  location: opened?.headers.get("location") ?? null,
  cookie,
  signedOut,
  afterwards,
  again,
  sent: globalThis.sent,
};
process.stdout.write(JSON.stringify(result, undefined, 1), () => process.exit(0));
