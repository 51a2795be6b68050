"use client";

import Link from "next/link";
import { useState } from "react";
import { CredentialsForm, type Field } from "@/components/credentials-form";
import { authClient } from "@/lib/auth-client";

const APP: Field[] = [
  { name: "code", label: "Code of your app", inputMode: "numeric", autoComplete: "one-time-code" },
];
const BACKUP: Field[] = [{ name: "code", label: "Backup code", autoComplete: "off" }];

/** The second factor, after the password: the browser has a cookie for this step, and no session. */
export default function SignInCode() {
  const [isBackup, setIsBackup] = useState(false);
  const { verifyTotp, verifyBackupCode } = authClient.twoFactor;

  return (
    <main className="narrow">
      <title>Enter your code · Tasks</title>
      <h1>Enter your code</h1>
      <CredentialsForm
        key={String(isBackup)}
        fields={isBackup ? BACKUP : APP}
        action="Sign in"
        pending="Signing in …"
        submit={({ code = "" }) => (isBackup ? verifyBackupCode : verifyTotp)({ code: code.trim() })}
      />
      <button type="button" onClick={() => setIsBackup(!isBackup)}>
        {isBackup ? "Use the app" : "Use a backup code"}
      </button>
      <p className="aside">
        <Link href="/sign-in">Start again</Link>
      </p>
    </main>
  );
}
