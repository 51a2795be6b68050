// What `hooks/users.py` does, in JavaScript.
import { APIError } from "better-auth/api";

const refuse = (status, code, message) => {
  throw new APIError(status, { message, code });
};

export const options = {
  databaseHooks: {
    user: {
      create: {
        before: async (user) => {
          if (user.email.endsWith("@evil.example")) refuse("FORBIDDEN", "COMPANY_ONLY", "Not yours");
          if (user.email.startsWith("twice")) refuse("CONFLICT", "TWICE", "Only once");
          return { data: { name: `${user.name} of Acme`, team: "blue" } };
        },
      },
      update: {
        before: async (change) => {
          if (change.name === "root") refuse("UNPROCESSABLE_ENTITY", "NO_ROOT", "Not that name");
          return { data: { ...(change.name && { name: `${change.name}!` }), team: "red" } };
        },
      },
      delete: {
        before: async (user) => {
          if (user.email.startsWith("keeper")) refuse("BAD_REQUEST", "KEPT", "You must stay");
        },
      },
    },
    session: {
      create: {
        before: async (session, context) => {
          if (context?.body?.email?.startsWith("closed") && context.path === "/sign-in/email")
            refuse("FORBIDDEN", "CLOSED", "Come back tomorrow");
          return { data: { device: "kiosk" } };
        },
      },
      delete: {
        before: async (session) => {
          if (session.userAgent === "unending") refuse("FORBIDDEN", "UNENDING", "It stays");
        },
      },
    },
  },
};
