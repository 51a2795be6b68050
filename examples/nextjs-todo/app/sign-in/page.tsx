"use client";

import Link from "next/link";
import { CredentialsForm, type Field } from "@/components/credentials-form";
import { authClient } from "@/lib/auth-client";

const FIELDS: Field[] = [
  { name: "email", label: "Email", type: "email", autoComplete: "username" },
  { name: "password", label: "Password", type: "password", autoComplete: "current-password" },
];

/** Where the user has a second factor, the answer asks for its code in place of a session. */
async function signIn({ email = "", password = "" }: Record<string, string>) {
  const { data, error } = await authClient.signIn.email({ email, password });
  const isChallenge = data !== null && "twoFactorRedirect" in data;
  return { error, next: isChallenge ? "/sign-in/code" : undefined };
}

export default function SignIn() {
  return (
    <main className="narrow">
      <title>Sign in · Tasks</title>
      <h1>Sign in</h1>
      <CredentialsForm
        fields={FIELDS}
        action="Sign in"
        pending="Signing in …"
        submit={signIn}
      />
      <p className="aside">
        No account yet? <Link href="/sign-up">Sign up</Link>
      </p>
    </main>
  );
}
