// What `hooks/accounts.py` does, in JavaScript.
import { APIError } from "better-auth/api";

const refuse = (code, message) => {
  throw new APIError("FORBIDDEN", { message, code });
};
const refuseName = (user, name, code) => {
  if (user.email.startsWith(name)) refuse(code, "Not you");
};

export const options = {
  user: {
    validateUserInfo: ({ user, source }) => {
      if (user.email.startsWith("outsider")) return { error: "outsider", errorDescription: "Not one of us" };
      if (source.method !== "email-password") return { error: "no_passwords" };
    },
  },
  emailAndPassword: {
    onPasswordReset: async ({ user }) => refuseName(user, "forgetful", "FORGETFUL"),
  },
  emailVerification: {
    beforeEmailVerification: async (user) => refuseName(user, "early", "TOO_EARLY"),
    afterEmailVerification: async (user) => refuseName(user, "late", "TOO_LATE"),
  },
};
// A hash that nobody should use.
export const password = {
  hash: async (password) => `plain!${[...password].reverse().join("")}`,
  verify: async ({ hash, password }) => hash === `plain!${[...password].reverse().join("")}`,
};
