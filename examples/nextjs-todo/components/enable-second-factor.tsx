"use client";

import { QRCodeSVG } from "qrcode.react";
import { useState } from "react";
import { OneFieldForm } from "@/components/one-field-form";
import { authClient } from "@/lib/auth-client";

type Setup = { totpURI: string; backupCodes: string[] };

/** The password, then the QR code with the backup codes; the first code of the app enables it. */
export function EnableSecondFactor() {
  const [setup, setSetup] = useState<Setup | null>(null);

  async function start(password: string) {
    const { data, error } = await authClient.twoFactor.enable({ password });
    if (data?.method === "totp") setSetup(data);
    return { error };
  }

  if (setup === null) {
    return (
      <>
        <p>Sign-in will ask for a code of an authenticator app after your password.</p>
        <OneFieldForm
          key="password"
          label="Password"
          type="password"
          autoComplete="current-password"
          action="Set up an app"
          pending="Setting up …"
          submit={start}
        />
      </>
    );
  }
  return (
    <>
      <p>Scan this with your app:</p>
      <QRCodeSVG className="qr" value={setup.totpURI} title="QR code for your app" marginSize={4} />
      <p className="aside">
        Or type this key: <code>{new URL(setup.totpURI).searchParams.get("secret")}</code>
      </p>
      <p>Keep these codes for the day when you lose the app. Each works once:</p>
      <ul className="codes" aria-label="Backup codes">
        {setup.backupCodes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <OneFieldForm
        key="code"
        label="Code of the app"
        inputMode="numeric"
        autoComplete="one-time-code"
        action="Enable"
        pending="Enabling …"
        submit={(code) => authClient.twoFactor.verifyTotp({ code })}
      />
    </>
  );
}
