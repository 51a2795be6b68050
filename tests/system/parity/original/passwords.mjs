// Passwords of a Node server that reads argon2id and Better Auth's scrypt, and writes argon2id.
import { argon2, randomBytes, timingSafeEqual } from "node:crypto"; // Node 24.7 or newer
import { promisify } from "node:util";
import { verifyPassword } from "better-auth/crypto";

const derive = promisify(argon2);
const FORM = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/;
const base64 = (bytes) => bytes.toString("base64").replaceAll("=", "");

function tag(password, nonce, { memory, passes, parallelism, tagLength = 32 }) {
  const message = password.normalize("NFKC"); // as scrypt's is; without it "ﬁ" is not "fi"
  return derive("argon2id", { message, nonce, memory, passes, parallelism, tagLength });
}

async function hash(password) {
  const nonce = randomBytes(16);
  const made = await tag(password, nonce, { memory: 19456, passes: 2, parallelism: 1 });
  return `$argon2id$v=19$m=19456,t=2,p=1$${base64(nonce)}$${base64(made)}`;
}

async function verify({ hash, password }) {
  const found = FORM.exec(hash);
  if (!found) return verifyPassword({ hash, password });
  const [memory, passes, parallelism] = found.slice(1, 4).map(Number);
  const [nonce, kept] = found.slice(4).map((text) => Buffer.from(text, "base64"));
  const sizes = { memory, passes, parallelism, tagLength: kept.length };
  return timingSafeEqual(await tag(password, nonce, sizes), kept);
}

export const password = { hash, verify }; // emailAndPassword: { enabled: true, password }
