// node run.mjs <flow> <server> <page>: runs flows/<flow>.mjs in a page, prints what it returns.

import { createAuthClient } from "better-auth/client";
import { jwtClient } from "better-auth/client/plugins";
import { Browser } from "./browser.mjs";

const [, , name, server, page] = process.argv;

/** A browser with the official client in its page, as an application sets it up. */
function open({ from = page, ...fetchOptions } = {}) {
  const browser = new Browser(from);
  const auth = createAuthClient({
    baseURL: server,
    plugins: [jwtClient()],
    fetchOptions: { customFetchImpl: browser.fetch, ...fetchOptions },
  });
  return { auth, browser, jar: browser.jar };
}

const ada = {
  name: "Ada Lovelace",
  email: `ada-${crypto.randomUUID()}@example.com`,
  password: "correct horse battery",
};

/** What a promise comes to: its value, or the message it was rejected with. */
const outcome = (promise) =>
  promise.then((value) => ({ value }), (error) => ({ rejected: `${error.name}: ${error.message}` }));

const { default: flow } = await import(`./flows/${name}.mjs`);
const result = await flow({ open, server, ada, outcome });
process.stdout.write(JSON.stringify(result, undefined, 1), () => process.exit(0));
