// The counters of rate limits, which better-auth keeps in memory for all originals of a process and
// shows to nobody. Import this before better-auth: that module gets one more export.
import { registerHooks } from "node:module";

const PLACE = "/better-auth/dist/api/rate-limiter/index.mjs";
let found;

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    if (!url.endsWith(PLACE) || !/^const memory = /m.test(loaded.source)) return loaded;
    found = url;
    return { ...loaded, source: `${loaded.source}\nexport { memory };\n` };
  },
});

/** As a new process begins; where they are kept otherwise, an original that counts has its own. */
export async function forget() {
  if (found) (await import(found)).memory.clear();
}
