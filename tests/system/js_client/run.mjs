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

/** The link in the latest mail to an address, as soon as there is one. */
async function mailed(to) {
  for (;;) {
    const lines = (await readFile(mails, "utf8")).split("\n").slice(0, -1);
    const found = lines.map((line) => JSON.parse(line)).findLast((mail) => mail.to === to);
    if (found) return new URL(found.link);
    await sleep(20);
  }
}

/** What a promise comes to: its value, or the message it was rejected with. */
const outcome = (promise) =>
  promise.then((value) => ({ value }), (error) => ({ rejected: `${error.name}: ${error.message}` }));

const { default: flow } = await import(`./flows/${name}.mjs`);
const result = await flow({ open, server, page, ada, mailed, outcome });
process.stdout.write(JSON.stringify(result, undefined, 1), () => process.exit(0));
