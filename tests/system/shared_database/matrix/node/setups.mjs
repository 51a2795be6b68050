// Every setup of the matrix by its name: which tool makes the tables, and what the Node server's
// options say. `edit` changes what the CLI wrote, as the owner of an application would.
import { apiKey } from "@better-auth/api-key";
import { passkey } from "@better-auth/passkey";
import { admin, bearer, jwt, organization, phoneNumber, twoFactor, username } from "better-auth/plugins";

const camel = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
const columnsInCamelCase = (code) =>
  code.replace(/\b(text|timestamp|boolean)\("([a-z_]+)"/g, (_, type, name) => `${type}("${camel(name)}"`);
const inSchemaOfItsOwn = (code) =>
  code
    .replace("pgTable,", "pgSchema,")
    .replace("export const user ", 'export const own = pgSchema("auth");\n\nexport const user ')
    .replaceAll("pgTable(", "own.table(");
const timesInSeconds = (code) =>
  code
    .replaceAll('"timestamp_ms"', '"timestamp"')
    .replace(/\.default\(sql`\(cast\(unixepoch[^`]*`\)/g, ".$defaultFn(() => new Date())");
const modelsAsTables = (code) => code.replace(/^\s*@@map\(.*\)\n/gm, "");

export const NAMES = {
  user: { modelName: "app_user", fields: { email: "mail", emailVerified: "mail_checked", createdAt: "born" } },
  session: { modelName: "app_login", fields: { userId: "person", expiresAt: "ends", token: "secret_text" } },
  account: { modelName: "app_credential", fields: { userId: "person", password: "hashed", providerId: "source" } },
  verification: { modelName: "app_proof", fields: { identifier: "subject", expiresAt: "ends" } },
};
const UUIDS = { advanced: { database: { generateId: "uuid" } } };

export const plain = () => [bearer()];
export const basic = () => [...plain(), jwt()];
export const many = () => [
  ...basic(),
  admin(),
  twoFactor(),
  organization(),
  username(),
  phoneNumber(),
  passkey(),
  apiKey(),
];

/** Those whose tables Drizzle makes. */
export const DRIZZLE = {
  "drizzle-pg": { provider: "pg" },
  "drizzle-pg-camel": { provider: "pg", edit: columnsInCamelCase },
  "drizzle-pg-plural": { provider: "pg", adapter: { usePlural: true } },
  "drizzle-pg-schema": { provider: "pg", edit: inSchemaOfItsOwn },
  "drizzle-pg-uuid": { provider: "pg", options: UUIDS },
  "drizzle-pg-plain": { provider: "pg", plugins: plain },
  "drizzle-pg-plugins": { provider: "pg", plugins: many },
  "drizzle-sqlite": { provider: "sqlite" },
  "drizzle-sqlite-seconds": { provider: "sqlite", edit: timesInSeconds },
  "drizzle-sqlite-plugins": { provider: "sqlite", plugins: many },
};

/** Those whose tables Prisma makes. `client` names whose generated client they share. */
export const PRISMA = {
  "prisma-pg": { provider: "postgresql" },
  "prisma-pg-models": { provider: "postgresql", edit: modelsAsTables },
  "prisma-sqlite": { provider: "sqlite" },
  "prisma-sqlite-ms": { provider: "sqlite", client: "prisma-sqlite", timestampFormat: "unixepoch-ms" },
};

/** Those whose tables better-auth makes: a version, and the options. */
export const BUILT_IN = {
  ...Object.fromEntries(["1.0", "1.2", "1.4", "1.6", "1.7"].map((version) => [version, { version }])),
  renamed: { version: "1.7", options: NAMES },
  uuid: { version: "1.7", options: UUIDS },
};

// The tests read the token where it is stored.
export const emailAndPassword = { enabled: true, sendResetPassword: async () => {} };

export const optionsOf = ({ plugins = basic, options = {} }) => ({
  emailAndPassword,
  ...options,
  plugins: plugins(),
});
