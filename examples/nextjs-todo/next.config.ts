import type { NextConfig } from "next";

process.env.NEXT_TELEMETRY_DISABLED = "1";

const api = process.env.API_URL ?? "http://127.0.0.1:8000";
const tasks = process.env.TASKS_URL ?? api;

const config: NextConfig = {
  poweredByHeader: false,

  // The first that fits counts.
  rewrites: async () => [
    { source: "/api/auth/:path*", destination: `${api}/api/auth/:path*` },
    { source: "/api/:path*", destination: `${tasks}/api/:path*` },
  ],

  // Nobody may put the sign-in form into a frame of theirs.
  headers: async () => [
    {
      source: "/:path*",
      headers: [{ key: "Content-Security-Policy", value: "frame-ancestors 'none'" }],
    },
  ],
};

export default config;
