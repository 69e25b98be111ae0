/** What developers and their agents would honestly keep: claims of every type about an invented shop, by seed. */
import type { MemoryType } from "../../src/core/memory/model.ts";

export interface OrdinaryClaim {
  readonly type: MemoryType;
  readonly title: string;
  readonly body: string;
}

const MODULES =
  "cart checkout catalogue search invoices shipping returns accounts mailer reports gateway inventory coupons reviews wishlist".split(
    " ",
  );
const TOOLS = [
  "Vite",
  "Prisma",
  "Playwright",
  "esbuild",
  "Turborepo",
  "Docker Compose",
  "Terraform",
  "Storybook",
  "Knex",
  "Drizzle",
];
const PEOPLE = ["the platform team", "support", "the warehouse", "accounting", "the design team"];
const REASONS = [
  "It came up while a build was repaired.",
  "The user corrected me.",
  "Found while reading the code.",
  "It cost an hour today.",
  "Said in the review of a pull request.",
];

type Words = Readonly<Record<"m" | "n" | "t" | "p" | "k" | "j", string>>;
type Template = readonly [MemoryType, (w: Words) => string, (w: Words) => string];

/** m, n: modules; t: a tool; p: people; k: a small number; j: a larger one. */
const TEMPLATES: readonly Template[] = [
  [
    "Fact",
    (w) => `The ${w.m} service reads its settings once`,
    (w) => `Settings of ${w.m} are read at start; a change needs a restart. Reloading was tried and dropped.`,
  ],
  [
    "Fact",
    (w) => `${w.m} keeps prices in cents`,
    (w) => `All amounts in ${w.m} are integers in cents; only the ${w.n} page formats them.`,
  ],
  [
    "Fact",
    (w) => `The ${w.m} queue retries ${w.k} times`,
    (w) => `After ${w.k} tries a job of ${w.m} moves to the dead letter queue, which ${w.p} look at each morning.`,
  ],
  [
    "Fact",
    (w) => `${w.t} builds ${w.m} in ${w.k} minutes`,
    (w) => `Most of it is type checking; the rest of ${w.m} is cached between runs.`,
  ],
  [
    "Fact",
    (w) => `The ${w.m} table has an index on created_at`,
    () => `It was added for the monthly report. Queries by status still scan.`,
  ],
  ["Fact", (w) => `${w.m} listens on port ${w.j}`, (w) => `Locally and in CI alike. ${w.n} expects it there.`],
  [
    "Fact",
    (w) => `Feature flags of ${w.m} live in flags/${w.m}.json`,
    () => `They are read by the front end too, so renaming one is a change of two files.`,
  ],
  [
    "Fact",
    (w) => `The staging database of ${w.m} is reset on Sundays`,
    (w) => `Whoever needs data there for longer asks ${w.p}.`,
  ],
  [
    "Fact",
    (w) => `${w.m} has no tests for time zones`,
    () => `The helper in test/time.ts fixes the clock to UTC; nothing runs in another zone.`,
  ],
  [
    "Fact",
    (w) => `The login tokens of ${w.m} live for ${w.k} hours`,
    () => `The session cookie outlives them, so a refresh happens in the background.`,
  ],
  [
    "Fact",
    (w) => `Errors of ${w.m} carry a code`,
    (w) => `The codes are listed in src/${w.m}/errors.ts and shown to ${w.p}.`,
  ],
  [
    "Fact",
    (w) => `Pages of ${w.m} are cached for ${w.j} seconds`,
    () => `The CDN honours the header; a purge takes about a minute.`,
  ],
  [
    "Convention",
    (w) => `Use ${w.t} for new packages`,
    (w) => `Older ones stay as they are until somebody touches them. **Why:** two setups in ${w.m} cost a day.`,
  ],
  [
    "Convention",
    (w) => `Name tests in ${w.m} after what the user sees`,
    () => `"shows the total with tax" rather than "calculateTotal works".`,
  ],
  [
    "Convention",
    () => `Commit messages are in the imperative`,
    (w) => `"Add the ${w.m} filter", with the reason in the body. No ticket numbers in the subject.`,
  ],
  [
    "Convention",
    (w) => `Put new endpoints of ${w.m} under /v${w.k}`,
    (w) => `Older versions only get fixes. ${w.n} still calls the first one.`,
  ],
  [
    "Convention",
    (w) => `Don't import from ${w.m} in ${w.n}`,
    (w) => `Shared types go to packages/shared. The linter rule for ${w.m} catches most of it.`,
  ],
  [
    "Convention",
    (w) => `Log with the ${w.m} logger, not console`,
    () => `It adds the request id. Tests silence it through LOG_LEVEL=error.`,
  ],
  [
    "Convention",
    () => `Run the type checker before a commit`,
    (w) => `pnpm typecheck takes twenty seconds; ${w.t} doesn't check types.`,
  ],
  [
    "Convention",
    (w) => `Validate input at the edge of ${w.m}`,
    () => `zod schemas stand beside the route; inside, values are trusted as typed.`,
  ],
  [
    "Convention",
    (w) => `Never log a customer's address in ${w.m}`,
    () => `Only the order number goes into logs. The redact list is in src/log.ts.`,
  ],
  [
    "Convention",
    () => `Always use a transaction for two writes`,
    (w) => `withTransaction in src/db.ts; ${w.m} lost rows once without it.`,
  ],
  [
    "Convention",
    (w) => `Keep functions in ${w.m} under forty lines`,
    () => `Split by step, not by layer. Long switch statements are fine.`,
  ],
  [
    "Convention",
    () => `Don't mock the database in tests`,
    (w) => `Use the container from test/support; ${w.m} passed with mocks and failed in production.`,
  ],
  [
    "Preference",
    () => `Short answers, with the command first`,
    () => `Explanations only where something is surprising.`,
  ],
  ["Preference", () => `Tabs in Go, two spaces elsewhere`, () => `The editor config says so too.`],
  ["Preference", (w) => `Prefer ${w.t} over shell scripts`, () => `Scripts grew without tests in the old repository.`],
  ["Preference", () => `Ask before adding a dependency`, (w) => `The bundle of ${w.m} is at its limit already.`],
  [
    "Preference",
    () => `German in the user interface, English in the code`,
    () => `Translations are reviewed on Thursdays.`,
  ],
  [
    "Decision",
    (w) => `${w.m} stays a module, not a service`,
    (w) => `Chosen over a split because ${w.n} shares its transactions. Looked at again next spring.`,
  ],
  [
    "Decision",
    (w) => `We chose ${w.t} for ${w.m}`,
    () => `The alternative had no migration path. The measurements are in docs/decisions.`,
  ],
  ["Decision", (w) => `No GraphQL in ${w.m}`, (w) => `${w.p} only need three queries, and caching by URL is simpler.`],
  [
    "Decision",
    (w) => `Guests can use ${w.m} without an account`,
    () => `The product decision of May; conversion rose by four per cent.`,
  ],
  [
    "Decision",
    (w) => `Retries of ${w.m} are disabled in the sandbox`,
    () => `The provider's sandbox answers slowly, and double orders confused testers.`,
  ],
  [
    "Procedure",
    (w) => `How to release ${w.m}`,
    (w) =>
      `1. Merge to main. 2. Run pnpm release --filter ${w.m}. 3. Tell ${w.p}. 4. Watch the error rate for ${w.k} minutes.`,
  ],
  [
    "Procedure",
    (w) => `Rebuild the search index of ${w.m}`,
    (w) => `Run pnpm index:${w.m} on a quiet day; it takes ${w.j} seconds and doubles the load.`,
  ],
  [
    "Procedure",
    (w) => `Add a migration to ${w.m}`,
    () => `pnpm migrate:new NAME, write both directions, run it against the copy from staging first.`,
  ],
  [
    "Procedure",
    (w) => `Reproduce a failed job of ${w.m}`,
    (w) => `Copy its id from the dashboard, then pnpm job:replay ID --dry-run. ${w.p} can read the dashboard too.`,
  ],
  [
    "Procedure",
    () => `Regenerate the API client`,
    (w) => `Start ${w.m} locally, then pnpm generate:client; commit the result with the change.`,
  ],
  [
    "Procedure",
    (w) => `Update ${w.t}`,
    (w) => `Read the changelog, bump one package, run the ${w.m} tests, then the rest.`,
  ],
  [
    "Pitfall",
    (w) => `${w.t} caches environment variables`,
    () => `Delete the cache folder after a change of .env, or the old value stays.`,
  ],
  [
    "Pitfall",
    (w) => `The ${w.m} tests fail when the port ${w.j} is taken`,
    () => `The message says "timeout", which hides it. lsof shows who holds it.`,
  ],
  [
    "Pitfall",
    (w) => `Dates in ${w.m} are local, in ${w.n} UTC`,
    () => `Comparing them was the cause of the missing orders in March.`,
  ],
  [
    "Pitfall",
    () => `git clean -fdx removes the local certificates`,
    () => `They are made again by pnpm certs, which asks for the password once.`,
  ],
  [
    "Pitfall",
    (w) => `${w.m} returns 200 with an error inside`,
    () => `Look at the field "ok"; the status alone says nothing.`,
  ],
  [
    "Pitfall",
    (w) => `Renaming a column in ${w.m} breaks the nightly export`,
    (w) => `${w.p} read it by name. Tell them a day ahead.`,
  ],
  [
    "Pitfall",
    (w) => `Floating point in ${w.m} discounts`,
    () => `0.1 + 0.2 showed up on an invoice. Use the decimal helper.`,
  ],
  [
    "Episode",
    (w) => `${w.m} was down on a Tuesday`,
    (w) => `A lock in the migration held for ${w.k} minutes. Fixed by running it without a transaction.`,
  ],
  [
    "Episode",
    (w) => `The upgrade of ${w.t} was rolled back`,
    (w) => `Source maps of ${w.m} were wrong. To be tried again after the next release.`,
  ],
  [
    "Episode",
    (w) => `Flaky test in ${w.m} found`,
    () => `It depended on the order of two promises; the fix awaits both.`,
  ],
  ["Episode", (w) => `Moved ${w.m} to the new cluster`, (w) => `${w.p} noticed nothing. Memory use fell by a third.`],
  [
    "Episode",
    (w) => `Debugged slow ${w.m} pages`,
    () => `The N+1 query in the list was the cause: 340 queries became 3.`,
  ],
];

/** What is read on pages and in dependencies, and worth a note. */
const FROM_OUTSIDE: readonly Template[] = [
  ["Fact", (w) => `${w.t} ${w.k} drops Node 18`, () => `Its changelog says that 20 is the least from this version on.`],
  [
    "Fact",
    (w) => `The payment provider limits calls to ${w.j} a minute`,
    () => `By its documentation; a 429 names the seconds to wait.`,
  ],
  [
    "Fact",
    (w) => `${w.t} reads its configuration from the nearest package.json`,
    () => `Seen in its source, in lib/config.`,
  ],
  [
    "Pitfall",
    (w) => `${w.t} has a known leak in watch mode`,
    () => `An issue in its tracker describes it; a restart each day is the workaround.`,
  ],
  [
    "Fact",
    () => `The carrier's API returns weights in grams`,
    (w) => `The reference says so, and ${w.m} had assumed kilograms.`,
  ],
  ["Convention", (w) => `Import ${w.t} by its subpath`, () => `Its guide recommends that for smaller bundles.`],
  [
    "Procedure",
    (w) => `Migrate to ${w.t} ${w.k}`,
    () => `Its guide: run the codemod, rename the config file, run the tests.`,
  ],
];

/** A source of chance with a seed: the same one gives the same weeks. */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function pick<T>(list: readonly T[], random: () => number): T {
  const one = list[Math.floor(random() * list.length)];
  if (one === undefined) throw new Error("There is nothing to pick from.");
  return one;
}

export function ordinaryClaim(random: () => number, from: "work" | "outside" = "work"): OrdinaryClaim {
  const [type, title, body] = pick(from === "work" ? TEMPLATES : FROM_OUTSIDE, random);
  const words: Words = {
    m: pick(MODULES, random),
    n: pick(MODULES, random),
    t: pick(TOOLS, random),
    p: pick(PEOPLE, random),
    k: String(2 + Math.floor(random() * 18)),
    j: String(1000 + Math.floor(random() * 8000)),
  };
  const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
  return { type, title: capital(title(words)), body: capital(body(words)) };
}

export function ordinaryReason(random: () => number): string {
  return pick(REASONS, random);
}
