// node trusted_origins.mjs: reads {patterns, urls} and writes, for each pattern, which URLs the original trusts.

import { readFileSync } from "node:fs";

// No entry of the package leads to it; a path does.
const place = new URL("node_modules/better-auth/dist/auth/trusted-origins.mjs", import.meta.url);
const { matchesOriginPattern } = await import(place);
const { patterns, urls } = JSON.parse(readFileSync(0, "utf8"));
const trusted = patterns.map((pattern) => urls.filter((url) => matchesOriginPattern(url, pattern)));
process.stdout.write(JSON.stringify(trusted));
