// `node host.mjs FOLDER`: a Node server for each setup, all in one process.
//
// FOLDER is what `make.mjs` made. Every line of standard input is an order, answered by a line that
// says what went wrong, or null: `{"id", "environ"}` serves the setup NAME of `environ` on PORT, on
// the database URL (of PostgreSQL) or FILE, whose tables it makes when TABLES is "make", and hashes
// as `cheap_argon2id.mjs` does when HASHES is "cheap"; `{"id"}` stops it.
import { readFileSync } from "node:fs";
import http from "node:http";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { PrismaBetterSQLite3 } from "@prisma/adapter-better-sqlite3";
import { PrismaPg } from "@prisma/adapter-pg";
import Database from "better-sqlite3";
import pg from "pg";
import { password } from "../../../parity/original/cheap_argon2id.mjs";
import { BUILT_IN, DRIZZLE, PRISMA, emailAndPassword, optionsOf } from "./setups.mjs";

const folder = resolve(process.argv[2]);
const made = (...words) => import(pathToFileURL(join(folder, ...words)));
const open = ({ URL, FILE }) => (URL ? new pg.Pool({ connectionString: URL, max: 4 }) : new Database(FILE));
const close = (database) => (database.end ? database.end() : database.close());

const withHashes = (env, options) =>
  env.HASHES ? { ...options, emailAndPassword: { ...emailAndPassword, password } } : options;

function common(env) {
  return {
    secret: env.SECRET,
    baseURL: env.BASE_URL,
    trustedOrigins: [env.PAGE],
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { level: "error" },
  };
}

/** Runs the SQL that the setup's tool made. */
async function makeTables(env, name) {
  const database = open(env);
  const tables = JSON.parse(readFileSync(join(folder, "tables.json"), "utf8"));
  for (const statement of tables[name]) await (env.URL ? database.query(statement) : database.exec(statement));
  await close(database);
}

async function onDrizzle(env, setup) {
  const { betterAuth } = await import("better-auth");
  const { drizzleAdapter } = await import("better-auth/adapters/drizzle");
  const { drizzle } = await import(env.URL ? "drizzle-orm/node-postgres" : "drizzle-orm/better-sqlite3");
  if (env.TABLES) await makeTables(env, env.NAME);
  const { provider, adapter } = setup;
  const schema = await made(`${env.NAME}.mjs`);
  const database = open(env);
  const options = {
    ...common(env),
    ...optionsOf(setup),
    database: drizzleAdapter(drizzle(database, { schema }), { provider, schema, ...adapter }),
  };
  return { auth: betterAuth(withHashes(env, options)), stop: () => close(database) };
}

async function onPrisma(env, setup) {
  const { betterAuth } = await import("better-auth");
  const { prismaAdapter } = await import("better-auth/adapters/prisma");
  const { client = env.NAME, provider, timestampFormat } = setup;
  if (env.TABLES) await makeTables(env, client);
  const { PrismaClient } = (await made(client, "client", "index.js")).default;
  const adapter = env.URL
    ? new PrismaPg({ connectionString: env.URL, max: 4 })
    : new PrismaBetterSQLite3({ url: `file:${env.FILE}` }, { timestampFormat });
  const prisma = new PrismaClient({ adapter });
  const database = prismaAdapter(prisma, { provider });
  return {
    auth: betterAuth(withHashes(env, { ...common(env), ...optionsOf(setup), database })),
    stop: () => prisma.$disconnect(),
  };
}

async function onBuiltIn(env, { version, options = {} }) {
  const name = version === "1.7" ? "better-auth" : `better-auth-${version}`;
  const { betterAuth } = await import(name);
  const { bearer, jwt } = await import(`${name}/plugins`);
  const { getMigrations } = await import(version < "1.6" ? `${name}/db` : `${name}/db/migration`);
  const database = open(env);
  const own = {
    ...common(env),
    emailAndPassword,
    ...options,
    plugins: [jwt(), bearer()],
    database,
  };
  if (env.TABLES) await (await getMigrations(own)).runMigrations();
  return { auth: betterAuth(withHashes(env, own)), stop: () => close(database) };
}

function build(env) {
  if (DRIZZLE[env.NAME]) return onDrizzle(env, DRIZZLE[env.NAME]);
  if (PRISMA[env.NAME]) return onPrisma(env, PRISMA[env.NAME]);
  return onBuiltIn(env, BUILT_IN[env.NAME]);
}

async function serve(env) {
  const { toNodeHandler } = await import("better-auth/node");
  const { auth, stop } = await build(env);
  const server = http.createServer(toNodeHandler(auth.handler));
  await new Promise((resolve, reject) => {
    server.on("error", reject).listen(Number(env.PORT), "127.0.0.1", resolve);
  });
  return async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await stop();
  };
}

const running = new Map();

async function obey({ id, environ }) {
  if (environ) {
    running.set(id, await serve(environ));
  } else {
    await running.get(id)();
    running.delete(id);
  }
}

// The tests hold the other end: when they are gone, however they ended, so is this.
for await (const line of createInterface({ input: process.stdin })) {
  const fault = await obey(JSON.parse(line)).then(
    () => null,
    (error) => String(error?.stack ?? error),
  );
  process.stdout.write(`${JSON.stringify(fault)}\n`);
}
process.exit(0);
