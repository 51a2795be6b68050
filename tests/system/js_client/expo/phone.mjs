// node --import ./phone.mjs …: modules that only a phone has come from modules/, files of the app
// are named without their ending, and fetch is React Native's: it adds no Origin and no cookies.

import http from "node:http";
import { registerHooks } from "node:module";

const HERE = new URL("./modules/", import.meta.url);
const OF_A_PHONE = /^(react-native|expo-[a-z-]+)$/;

registerHooks({
  resolve(specifier, context, next) {
    if (OF_A_PHONE.test(specifier)) return next(new URL(`${specifier}.mjs`, HERE).href, context);
    const isApp = specifier.startsWith(".") && context.parentURL?.endsWith(".ts");
    return next(isApp && !specifier.endsWith(".ts") ? `${specifier}.ts` : specifier, context);
  },
});

/** Every request that left. */
globalThis.sent = [];

globalThis.fetch = async (input, init) => {
  const request = new Request(input, init);
  // `Request` hides what a page may not set; a phone sends it.
  const headers = { ...Object.fromEntries(new Headers(init?.headers)), ...Object.fromEntries(request.headers) };
  const body = request.body ? Buffer.from(await request.arrayBuffer()) : undefined;
  const url = new URL(request.url);
  globalThis.sent.push({ method: request.method, url: url.href, headers });
  const incoming = await new Promise((resolve, reject) => {
    const all = { ...headers, ...(body && { "content-length": body.length }) };
    const outgoing = http.request(url, { method: request.method, headers: all, agent: false }, resolve);
    outgoing.on("error", reject).end(body);
  });
  const chunks = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const lines = [];
  for (let at = 0; at < incoming.rawHeaders.length; at += 2) lines.push(incoming.rawHeaders.slice(at, at + 2));
  const isEmpty = [204, 205, 304].includes(incoming.statusCode);
  const { statusCode: status, statusMessage: statusText } = incoming;
  return Object.defineProperty(
    new Response(isEmpty ? null : Buffer.concat(chunks), { status, statusText, headers: lines }),
    "url",
    { value: request.url },
  );
};
