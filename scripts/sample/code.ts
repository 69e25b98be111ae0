/** The code of the sample workspace: a small shop that moved from npm to pnpm and from one queue to another. */
export interface CodeCommit {
  readonly daysAgo: number;
  readonly author: string;
  readonly message: string;
  readonly files: Readonly<Record<string, string | null>>;
}

export const ALICE = "Alice <alice@example.com>";
export const BOB = "Bob <bob@example.com>";

const manifest = (packageManager: string, dependencies: Readonly<Record<string, string>>): string =>
  `${JSON.stringify(
    {
      name: "corner-shop",
      version: "1.4.0",
      packageManager,
      scripts: { test: "node --test", start: "node src/server.js", migrate: "node src/migrate.js" },
      dependencies,
    },
    null,
    2,
  )}\n`;

const CLAUDE_MD = `# Corner shop

- Run every script through pnpm, never npm.
- Prices are integers in cents; never use floating point for money.
- Tests live beside the code as \`*.test.js\` and use node's own runner.
- Ask before changing a migration that has already run.
`;

const AGENTS_MD = `# For coding agents

- Handlers return a result object; they never throw.
- Log with \`log(event, fields)\`, not with console.log.
- Keep the README's list of routes current.
`;

const ORDER_JS = `/** @param {{ cents: number, quantity: number }[]} lines */
export function total(lines) {
  return lines.reduce((sum, line) => sum + line.cents * line.quantity, 0);
}
`;

const ORDER_TEST_JS = `import assert from "node:assert/strict";
import { test } from "node:test";
import { total } from "./order.js";

test("an order's total counts every line", () => {
  assert.equal(total([{ cents: 250, quantity: 2 }, { cents: 199, quantity: 1 }]), 699);
});
`;

const SERVER_JS = `import { createServer } from "node:http";
import { log } from "./log.js";
import { total } from "./order.js";

createServer((request, response) => {
  log("request", { url: request.url });
  response.end(JSON.stringify({ total: total([]) }));
}).listen(process.env.PORT ?? 3000);
`;

const LOG_JS = `export function log(event, fields = {}) {
  process.stdout.write(JSON.stringify({ at: new Date().toISOString(), event, ...fields }) + "\\n");
}
`;

const queue = (retries: number): string => `const RETRIES = ${retries};

export async function deliver(message, send) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send(message);
    } catch (error) {
      if (attempt === RETRIES) throw error;
    }
  }
}
`;

export const CODE: readonly CodeCommit[] = [
  {
    daysAgo: 60,
    author: ALICE,
    message: "Start the shop: orders, totals and a server",
    files: {
      "package.json": manifest("npm@10.9.0", { pg: "8.13.0" }),
      "README.md": "# Corner shop\n\nRoutes: `GET /` answers with the basket's total.\n",
      ".gitignore": "node_modules/\n",
      "src/order.js": ORDER_JS,
      "src/order.test.js": ORDER_TEST_JS,
      "src/log.js": LOG_JS,
      "src/server.js": SERVER_JS,
      "CLAUDE.md": CLAUDE_MD,
    },
  },
  {
    daysAgo: 41,
    author: BOB,
    message: "Deliver mails through a queue with three retries",
    files: { "src/queue.js": queue(3) },
  },
  {
    daysAgo: 24,
    author: ALICE,
    message: "Move from npm to pnpm",
    files: { "package.json": manifest("pnpm@9.15.0", { pg: "8.13.0" }), "AGENTS.md": AGENTS_MD },
  },
  {
    daysAgo: 3,
    author: BOB,
    message: "Retry five times: the mail provider is slow on Mondays",
    files: { "src/queue.js": queue(5) },
  },
];
