"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { Alert } from "@/components/alert";
import { forgetToken } from "@/lib/access-token";
import { authClient } from "@/lib/auth-client";
import { Fault, told } from "@/lib/fault";

export function SignOut() {
  const router = useRouter();
  const [error, setError] = useState("");

  async function signOut() {
    try {
      const { error: refused } = await authClient.signOut();
      if (refused) throw new Fault(refused.status, refused.message);
      forgetToken();
      router.replace("/sign-in");
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
