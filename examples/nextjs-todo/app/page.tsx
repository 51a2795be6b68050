"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { Alert } from "@/components/alert";
import { SignOut } from "@/components/sign-out";
import { TaskList } from "@/components/task-list";
import { authClient } from "@/lib/auth-client";
import { told } from "@/lib/fault";

export default function Home() {
  const router = useRouter();
  const { data: session, error, isPending, refetch } = authClient.useSession();
  const isSignedOut = !isPending && !error && !session;

  useEffect(() => {
    if (isSignedOut) router.replace("/sign-in");
  }, [isSignedOut, router]);

  if (session) {
    return (
      <>
        <header className="bar">
          <p>
            Signed in as <strong>{session.user.name}</strong>
          </p>
          {/* The service has the plugin on. */}
          {"twoFactorEnabled" in session.user && <Link href="/second-factor">Second factor</Link>}
          <SignOut />
        </header>
        <TaskList key={session.user.id} userId={session.user.id} />
      </>
    );
  }
  return (
    <main className="narrow stack">
      <h1>Tasks</h1>
      <Alert>{error && told(error)}</Alert>
      {error ? (
        <button type="button" onClick={() => refetch()}>
          Try again
        </button>
      ) : (
        <p role="status">Loading …</p>
      )}
    </main>
  );
}
