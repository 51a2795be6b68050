// Every route of the original, as JSON lines of method and path.
import { betterAuth } from "better-auth";
import { bearer, jwt, openAPI } from "better-auth/plugins";

const { api } = betterAuth({
  secret: "a-secret-of-nobody-0123456789-abcdef",
  baseURL: "http://localhost:4000",
  emailAndPassword: { enabled: true },
  telemetry: { enabled: false },
  logger: { disabled: true },
  plugins: [jwt(), bearer(), openAPI()],
});
for (const { path, options } of Object.values(api)) {
  if (!path || options.metadata?.SERVER_ONLY) continue;
  for (const method of [options.method].flat()) console.log(JSON.stringify([method, path]));
}
