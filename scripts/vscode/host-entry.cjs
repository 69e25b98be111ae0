/**
 * Stands before the suite inside the bundled VS Code: the console of an extension host on a server goes to the browser's,
 * so its lines are sent to a file which `code-offline.ts` prints.
 */
const { appendFileSync } = require("node:fs");
const { format } = require("node:util");

const write = (...values) => {
  const text = format(...values);
  // Nothing is compiled for the bundled VS Code, so its native log writer is absent; it complains once for every log.
  if (!text.includes("spdlog")) appendFileSync(process.env.HOST_TEST_OUTPUT, `${text}\n`);
};
for (const level of ["log", "info", "warn", "error"]) {
  // The extension host replaces the console's methods later on: an assignment is taken and forgotten.
  Object.defineProperty(console, level, {
    configurable: true,
    get: () => write,
    set() {
      /* keeps `write` */
    },
  });
}

exports.run = () => require(process.env.HOST_TEST_SUITE).run();
