// `node make.mjs FOLDER`: what the tools of Drizzle and Prisma make of Better Auth's tables.
//
// For each setup of Drizzle the module that the CLI wrote (`NAME.mjs`), and for all setups the SQL of
// their tables (`tables.json`: statements by name); for Prisma also a client (`NAME/client`). Prisma
// wants to reach the PostgreSQL server of DATABASE_URL while it compares.
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { generateDrizzleSchema, generatePrismaSchema } from "auth/api";
import { drizzleAdapter } from "better-auth/adapters/drizzle";
import { prismaAdapter } from "better-auth/adapters/prisma";
import { DRIZZLE, PRISMA, optionsOf } from "./setups.mjs";

const require = createRequire(import.meta.url);
const kit = require("drizzle-kit/api");
const folder = resolve(process.argv[2]);
const same = (code) => code;

async function generate(generator, database, setup, file) {
  const options = { ...optionsOf(setup), database };
  const { code } = await generator({ adapter: database(options), options, file });
  return (setup.edit ?? same)(code);
}

async function makeDrizzle(name, setup) {
  const { provider, adapter } = setup;
  const database = drizzleAdapter({}, { provider, ...adapter });
  const file = join(folder, `${name}.mjs`);
  writeFileSync(file, await generate(generateDrizzleSchema, database, setup, file));
  const schema = await import(pathToFileURL(file));
  if (provider === "pg") {
    return kit.generateMigration(kit.generateDrizzleJson({}), kit.generateDrizzleJson(schema));
  }
  const [before, after] = [await kit.generateSQLiteDrizzleJson({}), await kit.generateSQLiteDrizzleJson(schema)];
  return kit.generateSQLiteMigration(before, after);
}

// With two things that the engine of this version does not know: PostgreSQL's types "char" and name,
// and the constraints that PostgreSQL 18 lists for NOT NULL.
const CONFIG = `import { defineConfig } from "prisma/config";
import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaBetterSQLite3 } from "@prisma/adapter-better-sqlite3";
import pg from "pg";

const KNOWN = { 18: 1042, 19: 25 };
class Pool extends pg.Pool {
  async query(...words) {
    const result = await super.query(...words);
    for (const field of result.fields ?? []) field.dataTypeID = KNOWN[field.dataTypeID] ?? field.dataTypeID;
    const kind = (result.fields ?? []).findIndex(({ name }) => name === "constraint_type");
    if (kind >= 0) result.rows = result.rows.filter((row) => row[kind] !== "n");
    return result;
  }
}

const { DATABASE_URL: url, EXTERNAL } = process.env;
export default defineConfig({
  schema: "schema.prisma",
  engine: "js",
  experimental: { adapter: true, externalTables: true },
  tables: { external: JSON.parse(EXTERNAL ?? "[]") },
  adapter: async () =>
    url.startsWith("file:")
      ? new PrismaBetterSQLite3({ url })
      : new PrismaPg(new Pool({ connectionString: url })),
});
`;

function prisma(cwd, provider, ...words) {
  const program = join(require.resolve("prisma/package.json"), "..", "build", "index.js");
  // Its engines are WebAssembly from npm; without a name it would look for native ones elsewhere.
  const env = {
    ...process.env,
    ...(provider === "sqlite" && { DATABASE_URL: `file:${join(cwd, "empty.db")}` }),
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    CHECKPOINT_DISABLE: "1",
    PRISMA_HIDE_UPDATE_MESSAGE: "1",
  };
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [program, ...words], { cwd, env });
    const texts = { out: "", all: "" };
    child.stdout.on("data", (data) => ((texts.out += data), (texts.all += data)));
    child.stderr.on("data", (data) => (texts.all += data));
    child.on("close", (status) => (status ? fail(new Error(texts.all)) : done(texts.out)));
  });
}

async function makePrisma(name, setup) {
  const here = join(folder, name);
  mkdirSync(here, { recursive: true });
  const database = prismaAdapter({}, { provider: setup.provider });
  const schema = await generate(generatePrismaSchema, database, setup, join(here, "none.prisma"));
  const generator = 'provider = "prisma-client-js"\n  engineType = "client"\n  output = "./client"';
  writeFileSync(join(here, "schema.prisma"), schema.replace('provider = "prisma-client-js"', generator));
  writeFileSync(join(here, "prisma.config.ts"), CONFIG);
  await prisma(here, setup.provider, "generate");
  const difference = ["diff", "--from-empty", "--to-schema-datamodel", "schema.prisma", "--script"];
  return [await prisma(here, setup.provider, "migrate", ...difference)];
}

const tables = {};
for (const [name, setup] of Object.entries(DRIZZLE)) tables[name] = await makeDrizzle(name, setup);
const own = Object.entries(PRISMA).filter(([, { client }]) => !client);
await Promise.all(own.map(async ([name, setup]) => (tables[name] = await makePrisma(name, setup))));
writeFileSync(join(folder, "tables.json"), JSON.stringify(tables));
process.exit(0);
