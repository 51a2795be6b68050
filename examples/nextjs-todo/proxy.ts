import { getSessionCookie } from "better-auth/cookies";
import { type NextRequest, NextResponse } from "next/server";

/**
 * Sends people without a session cookie to the sign-in page before anything is rendered.
 *
 * It looks whether there is a cookie, not whether that is valid: it spares a flash of the wrong
 * page. What protects the tasks is the API, which wants a valid token.
 */
export function proxy(request: NextRequest) {
  // Cross origin, the cookie may belong to another host, and only the page can ask for the session.
  const isOurs = !process.env.NEXT_PUBLIC_API_URL;
  if (isOurs && getSessionCookie(request) === null) {
    return NextResponse.redirect(new URL("/sign-in", request.url));
  }
  return NextResponse.next();
}

export const config = { matcher: "/" };
