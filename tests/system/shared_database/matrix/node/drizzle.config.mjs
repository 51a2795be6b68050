// What `drizzle-kit push` reads: the setup NAME, its database, and which tables are Drizzle's.
const { NAME, DATABASE_URL, TABLES_FILTER, SCHEMA_FILTER } = process.env;

export default {
  dialect: DATABASE_URL.startsWith("file:") ? "sqlite" : "postgresql",
  schema: `./${NAME}.mjs`,
  dbCredentials: { url: DATABASE_URL },
  ...(SCHEMA_FILTER && { schemaFilter: JSON.parse(SCHEMA_FILTER) }),
  ...(TABLES_FILTER && { tablesFilter: JSON.parse(TABLES_FILTER) }),
};
