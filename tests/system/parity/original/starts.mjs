// For each of the options that stand as a JSON list on stdin: null, or why Better Auth won't start.
import { text } from "node:stream/consumers";
import { betterAuth } from "better-auth";
import { bearer, jwt } from "better-auth/plugins";
import { pluginsOf } from "./service.mjs";

async function refusal({ mails, jwtOptions, plugins = {}, ...options }) {
  try {
    const auth = betterAuth({
      telemetry: { enabled: false },
      logger: { disabled: true },
      secret: process.env.BETTER_AUTH_SECRET,
      emailAndPassword: { enabled: true },
      ...options,
      plugins: [jwt(jwtOptions), bearer(), ...pluginsOf(process.env, [], plugins)],
    });
    const { baseURL } = await auth.$context;
    await auth.handler(new Request(`${baseURL}/ok`));
    return null;
  } catch (error) {
    return error.message;
  }
}

for (const options of JSON.parse(await text(process.stdin))) {
  console.log(JSON.stringify(await refusal(options)));
}
