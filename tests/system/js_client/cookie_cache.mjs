// The original's own cookie cache. Reads JSON on stdin: `options`, `secret` (an object has
// versions), `cookie` (a Cookie header) and either `set` (session and user to write) or nothing.
import {
  decodeCookieCache,
  getChunkedCookie,
  getCookieCache,
  getCookies,
  setCookieCache,
} from "better-auth/cookies";
import { serializeCookie } from "better-call";
import { text } from "node:stream/consumers";

const { options, secret, cookie = "", set, dontRemember } = JSON.parse(await text(process.stdin));
const versions = secret.keys && { ...secret, keys: new Map(secret.keys) };
const plain = versions ? versions.keys.get(versions.currentVersion) : secret;
const lines = [];
const warnings = [];
const pairs = new Map(cookie.split("; ").map((pair) => pair.split("=")));
const context = {
  headers: new Headers({ cookie }),
  getCookie: (name) => pairs.get(name),
  setCookie: (...given) => lines.push(serializeCookie(...given)),
  context: {
    options,
    authCookies: getCookies(options),
    secret: plain,
    secretConfig: versions ?? secret,
    sessionConfig: {},
    logger: { warn: (message) => warnings.push(message), debug() {} },
  },
};
const { name } = context.context.authCookies.sessionData;

async function read() {
  const value = getChunkedCookie(context, name);
  const { strategy, version } = options.session.cookieCache;
  return {
    decoded: await decodeCookieCache(context, value),
    cache: await getCookieCache(context.headers, { secret: plain, strategy, version }),
  };
}

if (set) await setCookieCache(context, set, dontRemember);
process.stdout.write(JSON.stringify({ lines, warnings, ...(set ? {} : await read()) }));
