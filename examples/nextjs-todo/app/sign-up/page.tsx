"use client";

import Link from "next/link";
import { CredentialsForm, type Field } from "@/components/credentials-form";
import { authClient } from "@/lib/auth-client";

const FIELDS: Field[] = [
  { name: "name", label: "Name", autoComplete: "name" },
  { name: "email", label: "Email", type: "email", autoComplete: "username" },
  {
    name: "password",
    label: "Password",
    type: "password",
    autoComplete: "new-password",
    hint: "8 characters or more",
    minLength: 8,
    maxLength: 128,
  },
];

export default function SignUp() {
  return (
    <main className="narrow">
      <title>Sign up · Tasks</title>
      <h1>Sign up</h1>
      <CredentialsForm
        fields={FIELDS}
        action="Sign up"
        pending="Signing up …"
        submit={({ name = "", email = "", password = "" }) =>
          authClient.signUp.email({ name, email, password })
        }
      />
      <p className="aside">
        Have an account? <Link href="/sign-in">Sign in</Link>
      </p>
    </main>
  );
}
