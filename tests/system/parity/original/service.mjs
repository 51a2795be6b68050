// The real better-auth, configured by an environment such as that of a process: `serve`.
//
// OPTS holds better-auth's own options and what JSON can't say: `mails` (which mails it sends, to
// the file MAILS as JSON lines), `jwtOptions`, `bearerOptions`, `expoOptions` (that plugin is there
// only with them), `redis` (the URL of the secondary storage), `guards` (the plugins that ban and
// that ask for a second factor), `argon2id` (what passwords are hashed with) and `cheapHashes` (see
// `cheap.mjs`). DB is a file of SQLite, PGURL a PostgreSQL database instead.
import { appendFileSync } from "node:fs";
import http from "node:http";
import { expo } from "@better-auth/expo";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { toNodeHandler } from "better-auth/node";
import { admin, bearer, jwt, openAPI, twoFactor } from "better-auth/plugins";
import { password as cheap } from "./cheap.mjs";
import { password } from "./passwords.mjs";
import { redisStorage } from "./redis.mjs";

async function openDatabase(env) {
  if (env.PGURL) {
    const { default: pg } = await import("pg");
    return new pg.Pool({ connectionString: env.PGURL });
  }
  const { DatabaseSync } = await import("node:sqlite");
  return new DatabaseSync(env.DB, { timeout: 5000 }); // another server may be writing
}

function senders(env, mails) {
  const sender = (kind, name) => {
    if (!mails.includes(kind)) return {};
    const send = async ({ user, newEmail, url, token }) => {
      const to = kind === "change" ? user.email : (newEmail ?? user.email);
      appendFileSync(env.MAILS, `${JSON.stringify({ kind, to, url, token })}\n`);
    };
    return { [name]: send };
  };
  const ifEnabled = (feature, kind, name) =>
    feature?.enabled ? { ...feature, ...sender(kind, name) } : feature;
  return { sender, ifEnabled };
}

async function optionsOf(env, database) {
  const { mails = [], jwtOptions = {}, bearerOptions, expoOptions, ...rest } = JSON.parse(env.OPTS);
  const { redis, guards, argon2id, cheapHashes, ...given } = rest;
  const { sender, ifEnabled } = senders(env, mails);
  return {
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { level: env.LOG ?? "error" },
    ...given,
    database,
    secret: env.BETTER_AUTH_SECRET,
    emailAndPassword: {
      enabled: true,
      ...given.emailAndPassword,
      ...sender("reset", "sendResetPassword"),
      ...(argon2id && { password }),
      ...(cheapHashes && { password: cheap }),
    },
    emailVerification: {
      ...given.emailVerification,
      ...sender("verify", "sendVerificationEmail"),
    },
    user: {
      ...given.user,
      changeEmail: ifEnabled(given.user?.changeEmail, "change", "sendChangeEmailConfirmation"),
      deleteUser: ifEnabled(given.user?.deleteUser, "delete", "sendDeleteAccountVerification"),
    },
    ...(redis && { secondaryStorage: await redisStorage(redis) }),
    plugins: [
      jwt(jwtOptions),
      bearer(bearerOptions),
      openAPI(),
      ...(expoOptions ? [expo(expoOptions)] : []),
      ...(guards ? [admin(), twoFactor()] : []),
    ],
  };
}

/** Listens on `env.PORT` of this machine; what it resolves to gives all of it back. */
export async function serve(env) {
  const database = await openDatabase(env);
  const options = await optionsOf(env, database);
  const { runMigrations } = await getMigrations(options);
  await runMigrations();
  const handler = toNodeHandler(betterAuth(options));
  const server = http.createServer((request, response) => handler(request, response));
  await new Promise((resolve, reject) => {
    server.on("error", reject).listen(Number(env.PORT), "127.0.0.1", resolve);
  });
  return async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await (env.PGURL ? database.end() : database.close());
    options.secondaryStorage?.close();
  };
}
