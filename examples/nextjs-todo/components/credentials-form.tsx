"use client";

import { useRouter } from "next/navigation";
import { useActionState, useEffect } from "react";
import { Alert } from "@/components/alert";
import { authClient } from "@/lib/auth-client";
import { told } from "@/lib/fault";

/** `next` is the page of another step, in place of a session. */
type Answer = { error: { status: number; message?: string } | null; next?: string };
type State = { error: string; entered: Record<string, string>; next?: string };

type Props = {
  fields: Field[];
  action: string;
  pending: string;
  submit: (entered: Record<string, string>) => Promise<Answer>;
};

export type Field = { name: string; label: string; hint?: string } & Pick<
  React.InputHTMLAttributes<HTMLInputElement>,
  "type" | "autoComplete" | "inputMode" | "minLength" | "maxLength"
>;

const NO_SESSION =
  "You are not signed in yet: your browser refused the cookie, or your address must be verified first.";

/** Sign-in and sign-up: fields, one button, and the way to the tasks for who is signed in. */
export function CredentialsForm({ fields, action, pending, submit }: Props) {
  const router = useRouter();
  const { data: session } = authClient.useSession();
  const [state, run, isPending] = useActionState<State, FormData>(
    async (_, form) => {
      const entered = Object.fromEntries([...form].map(([name, value]) => [name, String(value)]));
      return { ...(await attempt(() => submit(entered))), entered };
    },
    { error: "", entered: {} },
  );

  useEffect(() => {
    if (session) router.replace("/");
    else if (state.next) router.push(state.next);
  }, [session, state, router]);

  return (
    <form action={run} className="card stack">
      <Alert>{state.error}</Alert>
      {fields.map(({ name, label, hint, type = "text", ...rest }) => (
        <div className="field" key={name}>
          <label htmlFor={name}>{label}</label>
          <input
            id={name}
            name={name}
            type={type}
            required
            aria-describedby={hint && `${name}-hint`}
            defaultValue={type === "password" ? "" : state.entered[name]}
            {...rest}
          />
          {hint && (
            <p className="hint" id={`${name}-hint`}>
              {hint}
            </p>
          )}
        </div>
      ))}
      <button className="primary" type="submit" disabled={isPending || session !== null}>
        {isPending ? pending : action}
      </button>
    </form>
  );
}

async function attempt(submit: () => Promise<Answer>): Promise<{ error: string; next?: string }> {
  try {
    const { error, next } = await submit();
    if (error) return { error: told(error) };
    if (next) return { error: "", next };
    const { data: session } = await authClient.getSession();
    return { error: session ? "" : NO_SESSION };
  } catch (error) {
    return { error: told(error) };
  }
}
