"use client";

import { useState } from "react";
import { Alert } from "@/components/alert";
import { forgetToken } from "@/lib/access-token";
import { authClient } from "@/lib/auth-client";
import { Fault, told } from "@/lib/fault";

/** The page leads to the sign-in page as soon as its session is gone. */
export function SignOut() {
  const [error, setError] = useState("");

  async function signOut() {
    try {
      const { error: refused } = await authClient.signOut();
      if (refused) throw new Fault(refused.status, refused.message);
      forgetToken();
    } catch (fault) {
      setError(told(fault));
    }
  }

  return (
    <>
      <button type="button" onClick={signOut}>
        Sign out
      </button>
      <Alert>{error}</Alert>
    </>
  );
}
