// What `hooks/tokens.py` does, in JavaScript.
export const jwt = {
  definePayload: ({ user, session }) => ({ id: user.id, email: user.email, tenant: { of: session.userId } }),
  getSubject: ({ user }) => `user:${user.email}`,
};
