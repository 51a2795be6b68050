// The original's own hashes of the passwords that stand as a JSON list on stdin.
import { text } from "node:stream/consumers";
import { hashPassword } from "better-auth/crypto";

const passwords = JSON.parse(await text(process.stdin));
console.log(JSON.stringify(await Promise.all(passwords.map(hashPassword))));
