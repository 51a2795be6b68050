// Every route of the original with the plugins that the command names by their functions, as JSON
// lines of the plugin's function or null, the method and the path.
import { betterAuth } from "better-auth";
import * as plugins from "better-auth/plugins";

// Endpoints that only these options bring.
const OPTIONS = { organization: { teams: { enabled: true }, dynamicAccessControl: { enabled: true } } };

function list(names) {
  const { api } = betterAuth({
    secret: "a-secret-of-nobody-0123456789-abcdef",
    baseURL: "http://localhost:4000",
    emailAndPassword: { enabled: true },
    telemetry: { enabled: false },
    logger: { disabled: true },
    plugins: ["jwt", "bearer", "openAPI", ...names].map((name) =>
      plugins[name]({ ...(name === "organization" && { ac: plugins.organization().ac }), ...OPTIONS[name] }),
    ),
  });
  return Object.values(api)
    .filter(({ path, options }) => path && !options.metadata?.SERVER_ONLY)
    .flatMap(({ path, options }) => [options.method].flat().map((method) => [method, path]));
}

const core = list([]);
const known = new Set(core.map(String));
for (const route of core) console.log(JSON.stringify([null, ...route]));
for (const name of process.argv.slice(2)) {
  for (const route of list([name])) {
    if (!known.has(String(route))) console.log(JSON.stringify([name, ...route]));
  }
}
