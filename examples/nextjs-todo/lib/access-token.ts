import { authClient } from "@/lib/auth-client";
import { Fault } from "@/lib/fault";

let kept: { userId: string; token: string } | null = null;

/** A token of the signed-in person for the task API; in memory only, where it lives 15 minutes. */
export async function accessToken(userId: string): Promise<string> {
  if (kept?.userId !== userId) {
    const { data, error } = await authClient.token();
    if (error) throw new Fault(error.status, error.message);
    kept = { userId, token: data.token };
  }
  return kept.token;
}

export function forgetToken() {
  kept = null;
}
