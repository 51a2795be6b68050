// The cookies of a browser, by RFC 6265: Path, Domain, Max-Age, Secure, HttpOnly, SameSite.

const PREFIX_RULES = { "__Secure-": (c) => c.secure, "__Host-": (c) => c.secure && c.path === "/" };

export class CookieJar {
  #cookies = [];

  /** Keep what a Set-Cookie line of `url` says; a line that a browser would refuse throws. */
  store(line, url) {
    const cookie = parse(line, url);
    refuseUnlawful(cookie, url);
    this.#cookies = this.#cookies.filter((known) => !isSame(known, cookie));
    if (cookie.expires > Date.now()) this.#cookies.push(cookie);
  }

  /** The Cookie header for a request, or undefined where no cookie matches. */
  header(url, { crossSite }) {
    const live = this.#cookies.filter((c) => c.expires > Date.now() && matches(c, url, crossSite));
    live.sort((a, b) => b.path.length - a.path.length);
    return live.length ? live.map((c) => `${c.name}=${c.value}`).join("; ") : undefined;
  }

  /** What the developer tools would show. */
  list() {
    return this.#cookies.map(({ expires, ...rest }) => ({
      ...rest,
      session: expires === Infinity,
    }));
  }

  /** What `document.cookie` would show. */
  visible() {
    return this.#cookies.filter((c) => !c.httpOnly).map((c) => `${c.name}=${c.value}`);
  }

  /** Closing the browser drops session cookies. */
  endSession() {
    this.#cookies = this.#cookies.filter((c) => c.expires !== Infinity);
  }
}

function parse(line, url) {
  const [pair, ...attributes] = line.split(";").map((part) => part.trim());
  const at = pair.indexOf("=");
  const given = new Map(
    attributes.map((a) => a.split("=")).map(([k, ...v]) => [k.toLowerCase(), v.join("=")]),
  );
  const domain = given.get("domain")?.replace(/^\./, "").toLowerCase();
  const path = given.get("path");
  return {
    name: pair.slice(0, at),
    value: pair.slice(at + 1),
    domain: domain || url.hostname,
    hostOnly: !domain,
    path: path?.startsWith("/") ? path : "/",
    secure: given.has("secure"),
    httpOnly: given.has("httponly"),
    sameSite: given.get("samesite")?.toLowerCase() ?? "lax",
    expires: lifetime(given),
  };
}

function lifetime(given) {
  if (given.has("max-age")) return Date.now() + Number(given.get("max-age")) * 1000;
  if (given.has("expires")) return Date.parse(given.get("expires"));
  return Infinity;
}

function refuseUnlawful(cookie, url) {
  const trustworthy = url.protocol === "https:" || url.hostname === "localhost";
  const prefix = Object.keys(PREFIX_RULES).find((p) => cookie.name.startsWith(p));
  const lawful =
    (!cookie.secure || trustworthy) &&
    (cookie.sameSite !== "none" || cookie.secure) &&
    (cookie.hostOnly || isWithin(url.hostname, cookie.domain)) &&
    (!prefix || PREFIX_RULES[prefix](cookie));
  if (!lawful) throw new Error(`a browser refuses this cookie: ${JSON.stringify(cookie)}`);
}

function matches(cookie, url, crossSite) {
  const host = cookie.hostOnly
    ? url.hostname === cookie.domain
    : isWithin(url.hostname, cookie.domain);
  const path = url.pathname === cookie.path || url.pathname.startsWith(withSlash(cookie.path));
  const secure = !cookie.secure || url.protocol === "https:" || url.hostname === "localhost";
  return host && path && secure && (!crossSite || cookie.sameSite === "none");
}

const isSame = (a, b) => a.name === b.name && a.domain === b.domain && a.path === b.path;
const isWithin = (host, domain) => host === domain || host.endsWith(`.${domain}`);
const withSlash = (path) => (path.endsWith("/") ? path : `${path}/`);
