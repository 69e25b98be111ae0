/** Calls `git-memory` as often as the argument says, in this process, which may be another user's; prints what came of each. */
import { pathToFileURL } from "node:url";
import { run } from "../../../src/cli/run.ts";

const calls: (readonly string[])[] = JSON.parse(process.argv[2] ?? "[]");
const called: object[] = [];
for (const args of calls) {
  let [out, err] = ["", ""];
  const exit = await run(args, {
    env: process.env,
    cwd: process.cwd(),
    columns: null,
    errorsToTerminal: false,
    program: pathToFileURL(process.argv[1] ?? ""),
    out: (text) => (out += text),
    error: (text) => (err += text),
    input: async () => new Uint8Array(),
  });
  called.push({ args, exit, out, err });
}
process.stdout.write(JSON.stringify(called));
