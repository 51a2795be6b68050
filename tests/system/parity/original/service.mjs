// The real better-auth, configured by an environment such as that of a process: `serve`.
//
// OPTS holds better-auth's own options and what JSON can't say: `mails` (which mails it sends, to
// the file MAILS as JSON lines), `jwtOptions`, `bearerOptions`, `expoOptions` (that plugin is there
// only with them), `plugins` (other plugins by the name of their function, each with its options;
// `ac` and `roles` are the statements of what `createAccessControl` and `newRole` make),
// `hooks` (the name of a module in `hooks/`, whose `options` are added to the others, whose `jwt` to the
// options of that plugin, and whose `password` hashes), `redis` (the URL of the secondary storage), `guards` (the plugins that ban and
// that ask for a second factor), `argon2id` (what passwords are hashed with) and `cheapHashes` (a name
// of CHEAP). DB is a file of SQLite, PGURL a PostgreSQL database instead.
import { appendFileSync } from "node:fs";
import http from "node:http";
import { expo } from "@better-auth/expo";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { toNodeHandler } from "better-auth/node";
import * as plugins from "better-auth/plugins";
import { createAccessControl } from "better-auth/plugins/access";
import { password as cheapScrypt } from "./cheap.mjs";
import { password as cheapArgon2id } from "./cheap_argon2id.mjs";
import { password } from "./passwords.mjs";
import { redisStorage } from "./redis.mjs";

async function openDatabase(env) {
  if (env.PGURL) {
    const { default: pg } = await import("pg");
    const pool = new pg.Pool({ connectionString: env.PGURL });
    // `end` does not wait until its connections are closed. The next tests end what is left of them,
    // and an error that nobody listens to would end all originals.
    return pool.on("error", () => {});
  }
  const { DatabaseSync } = await import("node:sqlite");
  return new DatabaseSync(env.DB, { timeout: 5000 }); // another server may be writing
}

/** The callbacks of plugins that send something: a line of MAILS, as far as `mails` asks for it. */
function pluginSenders(env, mails, page) {
  const write = (kind, to, { url = "", otp } = {}) =>
    appendFileSync(env.MAILS, `${JSON.stringify({ kind, to, url, code: otp })}\n`);
  return {
    magicLink: { sendMagicLink: async ({ email, url }) => write("magic link", email, { url }) },
    emailOTP: { sendVerificationOTP: async ({ email, otp, type }) => write(type, email, { otp }) },
    twoFactor: mails.includes("second factor") && {
      otpOptions: { sendOTP: async ({ user, otp }) => write("second factor", user.email, { otp }) },
    },
    organization: mails.includes("invitation") && {
      sendInvitationEmail: async ({ email, id }) =>
        write("invitation", email, { url: `${page}/accept-invitation/${id}` }),
    },
  };
}

/** `ac` and `roles` of a plugin, which options have as plain objects. */
function accessOf({ ac, roles }) {
  if (!ac && !roles) return {};
  const access = createAccessControl(ac ?? {});
  const made = roles && Object.entries(roles).map(([name, statements]) => [name, access.newRole(statements)]);
  return { ac: access, ...(made && { roles: Object.fromEntries(made) }) };
}

/** The other plugins of the original. `page` is where the links of their mails lead to. */
export function pluginsOf(env, mails, asked, page) {
  const senders = pluginSenders(env, mails, page);
  return Object.entries(asked).map(([name, options]) => {
    const more = senders[name] || {};
    const otpOptions = more.otpOptions && { otpOptions: { ...options.otpOptions, ...more.otpOptions } };
    return plugins[name]({ ...options, ...accessOf(options), ...more, ...otpOptions });
  });
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
  const { redis, guards, argon2id, cheapHashes, hooks, plugins: asked = {}, ...given } = rest;
  const own = hooks ? await import(`./hooks/${hooks}.mjs`) : {};
  const { sender, ifEnabled } = senders(env, mails);
  return {
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { level: env.LOG ?? "error" },
    ...given,
    ...own.options,
    database,
    secret: env.BETTER_AUTH_SECRET,
    emailAndPassword: {
      enabled: true,
      ...given.emailAndPassword,
      ...own.options?.emailAndPassword,
      ...sender("reset", "sendResetPassword"),
      ...(argon2id && { password }),
      ...(cheapHashes && { password: CHEAP[cheapHashes] }),
      ...(own.password && { password: own.password }),
    },
    emailVerification: {
      ...given.emailVerification,
      ...own.options?.emailVerification,
      ...sender("verify", "sendVerificationEmail"),
    },
    user: {
      ...given.user,
      ...own.options?.user,
      changeEmail: ifEnabled(given.user?.changeEmail, "change", "sendChangeEmailConfirmation"),
      deleteUser: ifEnabled(given.user?.deleteUser, "delete", "sendDeleteAccountVerification"),
    },
    ...(redis && { secondaryStorage: await redisStorage(redis) }),
    plugins: [
      plugins.jwt({ ...jwtOptions, jwt: { ...jwtOptions.jwt, ...own.jwt } }),
      plugins.bearer(bearerOptions),
      plugins.openAPI(),
      ...(expoOptions ? [expo(expoOptions)] : []),
      ...(guards ? [plugins.admin(), plugins.twoFactor()] : []),
      ...pluginsOf(env, mails, asked, given.trustedOrigins?.[0] ?? given.baseURL),
    ],
  };
}

const CHEAP = { scrypt: cheapScrypt, argon2id: cheapArgon2id };

const fetchAnything = globalThis.fetch;

/** From now on `fetch` asks another server for what lies below a URL. */
function askInstead(url, other) {
  globalThis.fetch = (asked, init) => fetchAnything(String(asked).replace(url, other), init);
}

/** Listens on `env.PORT` of this machine; what it resolves to gives all of it back. */
export async function serve(env) {
  const database = await openDatabase(env);
  const options = await optionsOf(env, database);
  if (env.PWNED) askInstead("https://api.pwnedpasswords.com/range/", env.PWNED);
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
