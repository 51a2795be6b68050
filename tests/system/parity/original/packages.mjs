// `node --import …/packages.mjs?folder=… program.mjs`: what a program of this folder imports by a
// bare name comes from the node_modules of another folder, so that one program runs any version.
import { registerHooks } from "node:module";

const here = new URL(".", import.meta.url).href;
const packages = new URL(import.meta.url).searchParams.get("folder");
const isBare = (name) => !/^(?:[./]|node:|file:|data:)/.test(name);

registerHooks({
  resolve: (name, context, next) =>
    isBare(name) && context.parentURL?.startsWith(here)
      ? next(name, { ...context, parentURL: packages })
      : next(name, context),
});
