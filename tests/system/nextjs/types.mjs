// `node types.mjs PACKAGES`: what TypeScript of `PACKAGES/node_modules` says of one folder after the
// other, as `tsc --noEmit` does. It reads packages once; that takes most of the time of a check.
//
// Every line of standard input is a folder with a `tsconfig.json`, as JSON; a line of JSON answers.
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

const ts = createRequire(join(process.argv[2], "package.json"))("typescript");
const kept = new Map();

function hostOf(options) {
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (path, how, ...others) => {
    if (!path.includes("/node_modules/")) return read(path, how, ...others);
    const key = JSON.stringify([path, how.languageVersion, how.impliedNodeFormat, how.jsDocParsingMode]);
    if (!kept.has(key)) kept.set(key, read(path, how, ...others));
    return kept.get(key);
  };
  return host;
}

function check(folder) {
  const fail = (fault) => {
    throw new Error(ts.flattenDiagnosticMessageText(fault.messageText, "\n"));
  };
  const own = { noEmit: true, incremental: false, tsBuildInfoFile: undefined };
  const system = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: fail };
  const path = join(folder, "tsconfig.json");
  const { fileNames, options, errors } = ts.getParsedCommandLineOfConfigFile(path, own, system);
  const host = hostOf(options);
  const program = ts.createProgram(fileNames, options, host);
  return ts.formatDiagnostics([...errors, ...ts.getPreEmitDiagnostics(program)], host);
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(check(JSON.parse(line)))}\n`);
}
