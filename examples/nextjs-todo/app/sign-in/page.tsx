"use client";

import Link from "next/link";
import { CredentialsForm, type Field } from "@/components/credentials-form";
import { authClient } from "@/lib/auth-client";

const FIELDS: Field[] = [
  { name: "email", label: "Email", type: "email", autoComplete: "username" },
  { name: "password", label: "Password", type: "password", autoComplete: "current-password" },
];

export default function SignIn() {
  return (
    <main className="narrow">
      <title>Sign in · Tasks</title>
      <h1>Sign in</h1>
      <CredentialsForm
        fields={FIELDS}
        action="Sign in"
        pending="Signing in …"
        submit={({ email = "", password = "" }) => authClient.signIn.email({ email, password })}
      />
      <p className="aside">
        No account yet? <Link href="/sign-up">Sign up</Link>
      </p>
    </main>
  );
}
