// Passwords at the least cost that scrypt has, for scenarios: Better Auth's own take a tenth of a
// second each. Some tests of `shared_database` have those.
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

const derive = promisify(scrypt);

const key = (password, salt) => derive(password.normalize("NFKC"), salt, 64, { N: 2, r: 1, p: 1 });

async function hash(password) {
  const salt = randomBytes(16).toString("hex");
  return `${salt}:${(await key(password, salt)).toString("hex")}`;
}

async function verify({ hash, password }) {
  const [salt, made] = hash.split(":");
  if (!salt || !made) throw new Error("Invalid password hash"); // as better-auth has it
  return timingSafeEqual(await key(password, salt), Buffer.from(made, "hex"));
}

export const password = { hash, verify };
