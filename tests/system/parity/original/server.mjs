// The original as a process of its own, configured by its environment: see `service.mjs`.
import { serve } from "./service.mjs";

await serve(process.env);

process.on("SIGTERM", () => process.exit(0));
// The tests hold the other end: when they are gone, however they ended, so is this.
process.stdin.resume().on("end", () => process.exit(0));
