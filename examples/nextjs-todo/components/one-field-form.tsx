"use client";

import { useActionState } from "react";
import { Alert } from "@/components/alert";
import { Fault, told } from "@/lib/fault";

type Answer = { error: { status: number; message?: string } | null };
type Props = {
  label: string;
  action: string;
  pending: string;
  submit: (entered: string) => Promise<Answer>;
} & Pick<React.InputHTMLAttributes<HTMLInputElement>, "type" | "autoComplete" | "inputMode">;

/** A password or a code, and one button. */
export function OneFieldForm({ label, action, pending, submit, ...field }: Props) {
  const [error, run, isPending] = useActionState<string, FormData>(async (_, form) => {
    try {
      const { error: refused } = await submit(String(form.get("entered")).trim());
      if (refused) throw new Fault(refused.status, refused.message);
      return "";
    } catch (fault) {
      return told(fault);
    }
  }, "");

  return (
    <form action={run} className="card stack">
      <Alert>{error}</Alert>
      <div className="field">
        <label htmlFor="entered">{label}</label>
        <input id="entered" name="entered" required {...field} />
      </div>
      <button className="primary" type="submit" disabled={isPending}>
        {isPending ? pending : action}
      </button>
    </form>
  );
}
