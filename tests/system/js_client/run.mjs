// node run.mjs <flow> <server> <page> <mails>: runs flows/<flow>.mjs in a page, prints what it
// returns. <mails> is the file that the server's mails come to.

import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { createAuthClient } from "better-auth/client";
import { jwtClient } from "better-auth/client/plugins";
import { Browser } from "./browser.mjs";

const [, , name, server, page, mails] = process.argv;

/** A browser with the official client in its page, as an application sets it up. */
function open({ from = page, plugins = [], ...fetchOptions } = {}) {
  const browser = new Browser(from);
  const auth = createAuthClient({
    baseURL: server,
    plugins: [jwtClient(), ...plugins],
    fetchOptions: { customFetchImpl: browser.fetch, ...fetchOptions },
  });
  return { auth, browser, jar: browser.jar };
}

const ada = {
  name: "Ada Lovelace",
  email: `ada-${crypto.randomUUID()}@example.com`,
  password: "correct horse battery",
};

/** The latest mail to an address, as soon as there are `count`: `{ link, code }`. */
async function mail(to, count = 1) {
  for (;;) {
    const lines = (await readFile(mails, "utf8")).split("\n").slice(0, -1);
    const found = lines.map((line) => JSON.parse(line)).filter((mail) => mail.to === to);
    if (found.length >= count) return found.at(-1);
    await sleep(20);
  }
}

/** The link in that mail. */
const mailed = async (to) => new URL((await mail(to)).link);

/** What a promise comes to: its value, or the message it was rejected with. */
const outcome = (promise) =>
  promise.then((value) => ({ value }), (error) => ({ rejected: `${error.name}: ${error.message}` }));

const { default: flow } = await import(`./flows/${name}.mjs`);
const result = await flow({ open, server, page, ada, mail, mailed, outcome });
process.stdout.write(JSON.stringify(result, undefined, 1), () => process.exit(0));
