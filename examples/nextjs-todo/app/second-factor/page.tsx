"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { EnableSecondFactor } from "@/components/enable-second-factor";
import { OneFieldForm } from "@/components/one-field-form";
import { authClient } from "@/lib/auth-client";

export default function SecondFactor() {
  const router = useRouter();
  const { data: session, error, isPending } = authClient.useSession();
  const isSignedOut = !isPending && !error && !session;

  useEffect(() => {
    if (isSignedOut) router.replace("/sign-in");
  }, [isSignedOut, router]);

  return (
    <main className="narrow">
      <title>Second factor · Tasks</title>
      <h1>Second factor</h1>
      {session === null && <p role="status">Loading …</p>}
      {session && !session.user.twoFactorEnabled && <EnableSecondFactor />}
      {session?.user.twoFactorEnabled && (
        <>
          <p role="status">Your second factor is on.</p>
          <OneFieldForm
            label="Password"
            type="password"
            autoComplete="current-password"
            action="Turn it off"
            pending="Turning it off …"
            submit={(password) => authClient.twoFactor.disable({ password })}
          />
        </>
      )}
      <p className="aside">
        <Link href="/">Back to the tasks</Link>
      </p>
    </main>
  );
}
