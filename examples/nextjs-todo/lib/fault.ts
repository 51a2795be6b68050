/** Something that went wrong, in words for the person in front of the screen. */
export class Fault extends Error {
  /** `status` is the HTTP status, 0 where there was no answer at all. */
  constructor(
    readonly status: number,
    message = "",
  ) {
    super(wording(status, message));
  }
}

/** What to show of whatever was thrown. */
export function told(error: unknown): string {
  return error instanceof Fault ? error.message : wording(0, "");
}

function wording(status: number, message: string): string {
  if (status === 0) return "The server can’t be reached. Check your connection and try again.";
  if (status === 429) return "Too many attempts. Wait a moment and try again.";
  if (status >= 500) return "The server can’t answer just now. Try again in a moment.";
  return message || "That did not work. Try again.";
}
