/**
 * Adds the address that connected to `X-Forwarded-For`, as every proxy does.
 *
 * Next.js' own rewrites pass on what the client sent and add nothing: all people would share one
 * rate limit, and a made-up header would open a new one. The service reads the header from the
 * right and stops at the first address that is none of its trusted proxies, so that what a client
 * made up is never reached.
 */
import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";

subscribe("http.server.request.start", (message) => {
  const { request } = message as { request: IncomingMessage };
  const hops = [request.headers["x-forwarded-for"], request.socket.remoteAddress];
  request.headers["x-forwarded-for"] = hops.flat().filter(Boolean).join(", ");
});
