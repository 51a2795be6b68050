// node encryption.mjs <encrypt|decrypt> <key> <data>: the original's own; a key that is JSON has versions.

import { symmetricDecrypt, symmetricEncrypt } from "better-auth/crypto";

const [, , what, given, data] = process.argv;
const { keys, ...rest } = given.startsWith("{") ? JSON.parse(given) : {};
const key = keys ? { keys: new Map(keys), ...rest } : given;
const act = { encrypt: symmetricEncrypt, decrypt: symmetricDecrypt }[what];
process.stdout.write(await act({ key, data }));
