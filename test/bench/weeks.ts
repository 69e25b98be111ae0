/**
 * What the gate costs honest people: `npm run bench:weeks [-- DATA.jsonl --weeks N --show]`. Lives through ordinary weeks at a
 * real store and prints how many honest writes waited, and how long a person reviewed. Lines of the data that are labelled
 * `benign` take the place of half of the invented claims.
 */
import { readData } from "../../scripts/gate/data.ts";
import { initialiseStore } from "../../src/core/initialise.ts";
import { openStores } from "../../src/git/open.ts";
import { liveWeeks, SECONDS, weeksEnvironment } from "../support/ordinary-weeks.ts";
import type { OrdinaryClaim } from "../support/ordinary-work.ts";
import { human, Scratch } from "../support/scratch.ts";

const SEED = 20261123;
const words = process.argv.slice(2);
const weeks = words.includes("--weeks") ? Number(words[words.indexOf("--weeks") + 1]) : 4;
const paths = words.filter((word) => word.endsWith(".jsonl"));
const claims = (paths.length === 0 ? [] : readData(paths))
  .filter(({ label, text }) => label === "benign" && text.length <= 2000)
  .map(({ text }): OrdinaryClaim => ({ type: "Convention", title: titleOf(text), body: text }));

const scratch = new Scratch();
try {
  scratch.write("package.json", '{\n  "packageManager": "pnpm@9"\n}\n');
  scratch.git("add", ".");
  scratch.git("commit", "--quiet", "--message=Start");
  const { environment, setNow } = weeksEnvironment();
  const stores = await openStores({ folder: scratch.folder, dataDirectory: scratch.data, environment });
  if (stores.project === null) throw new Error("The folder is in no repository.");
  await initialiseStore(stores.project, { caller: human, reason: "" });
  const lived = await liveWeeks(stores, { weeks, seed: SEED, claims, setNow });
  await stores.dispose();
  const share = (part: number, all: number): string => `${((100 * part) / all).toFixed(1)}%`;
  console.log(
    [
      `${lived.weeks} weeks, ${lived.sessions} sessions, ${lived.writes} honest writes`,
      `waited: ${lived.waited} (${share(lived.waited, lived.writes)}), refused: ${lived.refused}`,
      `of an agent's own, before anything came from outside: ${lived.own.waited} of ${lived.own.writes} (${share(lived.own.waited, lived.own.writes)})`,
      `review a week: ${(lived.cards / weeks).toFixed(1)} cards, ${(lived.orders / weeks).toFixed(1)} orders, ${lived.secondsAWeek.toFixed(0)} s (a card ${SECONDS.card} s, an order ${SECONDS.order} s)`,
    ].join("\n"),
  );
  if (words.includes("--show")) for (const alarm of lived.alarms) console.log(alarm);
} finally {
  await scratch.remove();
}

function titleOf(text: string): string {
  const line = text.split("\n").find((one) => /\p{L}/u.test(one)) ?? text;
  return (
    line
      .replace(/^[#*\-\s>]+/, "")
      .slice(0, 80)
      .trim() || "A rule"
  );
}
