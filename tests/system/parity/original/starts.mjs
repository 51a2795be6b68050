// For each of the options that stand as a JSON list on stdin: null, or why Better Auth won't start.
import { text } from "node:stream/consumers";
import { betterAuth } from "better-auth";
import { bearer, jwt } from "better-auth/plugins";

async function refusal({ mails, jwtOptions, ...options }) {
  try {
    const auth = betterAuth({
      telemetry: { enabled: false },
      logger: { disabled: true },
      secret: process.env.BETTER_AUTH_SECRET,
      emailAndPassword: { enabled: true },
      plugins: [jwt(jwtOptions), bearer()],
      ...options,
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
