// What the client can call, by the rule of its types (`InferRoute` of better-auth/client): each
// endpoint's path in camel case, but for those that are the server's own.
import { betterAuth } from "better-auth";
import { jwt } from "better-auth/plugins";

const camelCase = (segment) => segment.replace(/-(.)/g, (_, letter) => letter.toUpperCase());

function isOffered({ path, options: { metadata = {} } }) {
  const isOwn = metadata.isAction === false || metadata.SERVER_ONLY || ["http", "server"].includes(metadata.scope);
  return !isOwn && !path.includes(":"); // with a parameter it is a link in a mail
}

export default async ({ server }) => {
  const secret = crypto.randomUUID();
  const auth = betterAuth({ baseURL: server, secret, plugins: [jwt()], logger: { disabled: true } });
  const paths = Object.values(auth.api).filter(isOffered).map(({ path }) => path);
  return paths.map((path) => path.slice(1).split("/").map(camelCase).join("."));
};
