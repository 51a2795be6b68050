// node run_block.mjs <block> <server> <page> [<body>]: runs a block of the docs, a file of plain
// JavaScript, in a page, where a user is signed in if there is the body of a sign-in. Prints the
// answers as JSON: paths with their status.

import { Browser } from "./browser.mjs";

const [, , file, server, page, body] = process.argv;
const browser = new Browser(page);
const answers = [];

globalThis.fetch = async (input, init) => {
  const answer = await browser.fetch(input, init);
  const { pathname } = new URL(input.url ?? input);
  answers.push([pathname.replace("/api/auth", ""), answer.status]);
  return answer;
};

if (body) {
  const headers = { "content-type": "application/json" };
  const method = "POST";
  await fetch(`${server}/api/auth/sign-in/email`, { method, headers, body, credentials: "include" });
}
await import(file);
process.stdout.write(JSON.stringify(answers), () => process.exit(0));
