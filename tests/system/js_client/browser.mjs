// As much of a browser as `fetch` from a page needs: its cookies, its Origin, its CORS rules.

import http from "node:http";
import { CookieJar } from "./cookie_jar.mjs";

const SIMPLE_METHODS = ["GET", "HEAD", "POST"];
const SIMPLE_TYPES = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"];
const SIMPLE_HEADERS = ["accept", "accept-language", "content-language"];
const READABLE = [
  "cache-control", "content-language", "content-length", "content-type",
  "expires", "last-modified", "pragma",
];
const EMPTY_STATUS = [204, 205, 304];

export class Browser {
  jar = new CookieJar();
  /** Every request that left, preflights included. */
  sent = [];

  /** `page` is the origin that the script runs on. */
  constructor(page) {
    this.page = page;
    this.fetch = this.fetch.bind(this);
  }

  /** `fetch` of the page: rejects with TypeError where CORS forbids to read the answer. */
  async fetch(input, init = {}) {
    const request = new Request(input, { ...init, credentials: init.credentials ?? "same-origin" });
    const url = new URL(request.url);
    const body = request.body ? Buffer.from(await request.arrayBuffer()) : undefined;
    const crossOrigin = url.origin !== this.page;
    if (crossOrigin && needsPreflight(request)) await this.#preflight(request, url);
    const answer = await this.#send(request, url, body, crossOrigin);
    if (crossOrigin) refuseUnlessAllowed(answer, this.page, request);
    return readable(answer, crossOrigin);
  }

  async #send(request, url, body, crossOrigin) {
    const withCookies =
      request.credentials === "include" || (request.credentials === "same-origin" && !crossOrigin);
    const headers = { ...Object.fromEntries(request.headers), ...this.#own(url) };
    if (crossOrigin || !["GET", "HEAD"].includes(request.method)) headers.origin = this.page;
    const cookie = withCookies && this.jar.header(url, { crossSite: this.#site(url) === "cross-site" });
    if (cookie) headers.cookie = cookie;
    const answer = await this.#exchange(url, request.method, headers, body, request.signal);
    if (withCookies) for (const line of answer.cookies) this.jar.store(line, url);
    return answer;
  }

  async #preflight(request, url) {
    const named = unsafeHeaders(request);
    const headers = {
      ...this.#own(url),
      origin: this.page,
      "access-control-request-method": request.method,
      ...(named.length && { "access-control-request-headers": named.join(",") }),
    };
    const answer = await this.#exchange(url, "OPTIONS", headers, undefined, request.signal);
    if (answer.status < 200 || answer.status > 299) forbid(`preflight answered ${answer.status}`);
    refuseUnlessAllowed(answer, this.page, request);
    const methods = [...SIMPLE_METHODS, ...list(answer, "access-control-allow-methods")];
    if (!methods.includes(request.method)) forbid(`method ${request.method}`);
    const allowed = list(answer, "access-control-allow-headers").map((h) => h.toLowerCase());
    const missing = named.filter((h) => !allowed.includes(h));
    if (missing.length) forbid(`headers ${missing}`);
  }

  #own(url) {
    return {
      host: url.host,
      accept: "*/*",
      "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
      referer: `${this.page}/`,
      "sec-fetch-site": this.#site(url),
      "sec-fetch-mode": "cors",
      "sec-fetch-dest": "empty",
    };
  }

  #site(url) {
    if (url.origin === this.page) return "same-origin";
    return siteOf(url) === siteOf(new URL(this.page)) ? "same-site" : "cross-site";
  }

  async #exchange(url, method, headers, body, signal) {
    this.sent.push(`${method} ${url.pathname}`);
    const all = { ...headers, ...(body && { "content-length": body.length }) };
    const incoming = await new Promise((resolve, reject) => {
      const outgoing = http.request(url, { method, headers: all, signal, agent: false }, resolve);
      outgoing.on("error", reject).end(body);
    });
    const chunks = [];
    for await (const chunk of incoming) chunks.push(chunk);
    return {
      status: incoming.statusCode,
      statusText: incoming.statusMessage,
      headers: incoming.headers,
      cookies: incoming.headers["set-cookie"] ?? [],
      body: Buffer.concat(chunks),
    };
  }
}

function needsPreflight(request) {
  return !SIMPLE_METHODS.includes(request.method) || unsafeHeaders(request).length > 0;
}

function unsafeHeaders(request) {
  const type = request.headers.get("content-type")?.split(";")[0].trim().toLowerCase();
  return [...request.headers.keys()]
    .filter((h) => !SIMPLE_HEADERS.includes(h))
    .filter((h) => h !== "content-type" || !SIMPLE_TYPES.includes(type))
    .sort();
}

function refuseUnlessAllowed(answer, page, request) {
  const withCredentials = request.credentials === "include";
  const origin = answer.headers["access-control-allow-origin"];
  if (origin !== page && (withCredentials || origin !== "*")) forbid(`origin ${page}, allowed: ${origin}`);
  if (withCredentials && answer.headers["access-control-allow-credentials"] !== "true")
    forbid("credentials");
}

function readable({ status, statusText, headers, body }, crossOrigin) {
  const exposed = (headers["access-control-expose-headers"] ?? "").split(",");
  const names = [...READABLE, ...exposed.map((h) => h.trim().toLowerCase())];
  const kept = Object.entries(headers)
    .filter(([k]) => k !== "set-cookie" && (!crossOrigin || names.includes(k)))
    .map(([k, v]) => [k, String(v)]);
  return new Response(EMPTY_STATUS.includes(status) ? null : body, { status, statusText, headers: kept });
}

const list = (answer, header) =>
  (answer.headers[header] ?? "").split(",").map((part) => part.trim()).filter(Boolean);

const siteOf = (url) => `${url.protocol}//${url.hostname.split(".").slice(-2).join(".")}`;

function forbid(why) {
  throw new TypeError(`Failed to fetch (CORS: ${why})`);
}
