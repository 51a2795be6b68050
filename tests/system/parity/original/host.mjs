// Many originals in one process, because to import better-auth costs more than to serve a scenario.
//
// Every line of standard input is an order, answered by a line that says what went wrong, or null:
// `{"id", "environ"}` starts one as `server.mjs` does, `{"id"}` stops it. They share no option and
// no database; what better-auth keeps in memory for all, the counters of rate limits, is forgotten
// whenever one starts: only one at a time may count there.
import { createInterface } from "node:readline";
import { forget } from "./counters.mjs";

const { serve } = await import("./service.mjs");

const running = new Map();

async function obey({ id, environ }) {
  if (environ) {
    await forget();
    running.set(id, await serve(environ));
  } else {
    await running.get(id)();
    running.delete(id);
  }
}

// The tests hold the other end: when they are gone, however they ended, so is this.
for await (const line of createInterface({ input: process.stdin })) {
  const fault = await obey(JSON.parse(line)).then(
    () => null,
    (error) => String(error?.stack ?? error),
  );
  process.stdout.write(`${JSON.stringify(fault)}\n`);
}
process.exit(0);
