// A secondary storage on Redis in the few commands that it takes, without a package; keys and
// lifetimes are those of `@better-auth/redis-storage`.
import net from "node:net";

function parse(buffer, at = 0) {
  const end = buffer.indexOf("\r\n", at);
  if (end < 0) return undefined;
  const kind = String.fromCharCode(buffer[at]);
  const text = buffer.toString("utf8", at + 1, end);
  if (kind === "+") return { value: text, next: end + 2 };
  if (kind === ":") return { value: Number(text), next: end + 2 };
  if (kind === "-") return { value: new Error(text), next: end + 2 };
  const size = Number(text);
  if (size < 0) return { value: null, next: end + 2 };
  if (buffer.length < end + 2 + size + 2) return undefined;
  return { value: buffer.toString("utf8", end + 2, end + 2 + size), next: end + 4 + size };
}

export async function redisStorage(url) {
  const { pathname, searchParams } = new URL(url); // unix:///path/of/socket?db=0
  const socket = net.connect(pathname);
  const waiting = [];
  let buffer = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    buffer = Buffer.concat([buffer, chunk]);
    for (let reply; (reply = parse(buffer)); buffer = buffer.subarray(reply.next)) {
      const { resolve, reject } = waiting.shift();
      reply.value instanceof Error ? reject(reply.value) : resolve(reply.value);
    }
  });
  const send = (...words) =>
    new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      const parts = words.map(String).map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
      socket.write(`*${words.length}\r\n${parts.join("")}`);
    });
  await send("SELECT", searchParams.get("db"));
  const named = (key) => `better-auth:${key}`;
  return {
    get: (key) => send("GET", named(key)),
    set: (key, value, ttl) =>
      ttl > 0 ? send("SET", named(key), value, "EX", ttl) : send("SET", named(key), value),
    delete: (key) => send("DEL", named(key)),
    getAndDelete: (key) => send("GETDEL", named(key)),
    increment: async (key, ttl) => {
      const count = await send("INCR", named(key));
      if (count === 1) await send("EXPIRE", named(key), ttl);
      return count;
    },
    close: () => socket.destroy(),
  };
}
