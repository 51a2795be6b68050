/** Next.js calls this once, before the server answers anybody. */
export async function register() {
  if (process.env.NEXT_RUNTIME === "nodejs") await import("./forwarding");
}
