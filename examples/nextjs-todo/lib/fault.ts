/** An answer that was no success. */
export class Fault extends Error {
  constructor(
    readonly status: number,
    message?: string,
  ) {
    super(message);
  }
}

/** Of whatever was thrown, in words for the person in front of the screen. */
export function told(error: unknown): string {
  const { status, message } = error as Partial<Fault>;
  // Browsers don't say why `fetch` had no answer.
  if (!status) return "The server can’t be reached. Check your connection and try again.";
  if (status === 429) return "Too many attempts. Wait a moment and try again.";
  if (status >= 500) return "The server can’t answer just now. Try again in a moment.";
  return message || "That did not work. Try again.";
}
