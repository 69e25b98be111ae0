/** What became of a session's memories meanwhile, as it stands at the end of a tool's answer. */
import { MemoryError } from "../errors.ts";
import { type News, newsFor } from "../news.ts";
import { type Operation, OPERATIONS } from "../proposal.ts";
import { tokenBound } from "../recall/tokens.ts";
import type { ToolAnswer } from "./answer.ts";
import { claimText } from "./claim-text.ts";
import { asData } from "./data.ts";
import type { ToolContext } from "./context.ts";
import { isOff } from "./mode.ts";

/** Tokens that the new texts may cost in one answer; what does not fit is named, and memory_inspect shows it. */
const MOST_TOKENS = 400;
const LONGEST_REASON = 160;

const DONE: Readonly<Record<Operation, string>> = {
  init: "started",
  add: "added",
  update: "updated",
  expire: "expired",
  renew: "renewed",
  approve: "approved",
  reject: "rejected",
  supersede: "superseded",
  revert: "reverted",
  consolidate: "consolidated",
  import: "imported",
  erase: "erased",
};

/** Adds the news to an answer, and notes in the session that it has heard them. */
export async function withNews(context: ToolContext, answer: ToolAnswer): Promise<ToolAnswer> {
  try {
    const stores = await context.stores.existing();
    if (stores.length === 0 || (await isOff(context))) return answer;
    const news = await newsFor(stores, context.session);
    if (news.length === 0) return answer;
    const block = blockOf(news, context);
    return {
      ...answer,
      text: `${answer.text.trimEnd()}\nChanged by others since this session was given them:\n${asData(block, context.session.id)}`,
      structured: {
        ...answer.structured,
        news: news.map(({ id, kind, memory }) => ({ id, kind, version: memory?.blob ?? null })),
      },
    };
  } catch (error) {
    if (!(error instanceof MemoryError)) throw error;
    // A failure of the store is what the answer tells already.
    if (answer.isError) return answer;
    // What the tool did stands, whatever became of the news.
    return { ...answer, text: `${answer.text.trimEnd()}\nWhat changed meanwhile can't be told: ${error.message}` };
  }
}

function blockOf(news: readonly News[], { session }: ToolContext): string {
  let room = MOST_TOKENS;
  const parts = news.map(({ id, kind, memory, entry }) => {
    const how = howOf({ kind, memory, entry });
    if (memory === null) {
      session.hears(id, null);
      return `${id} is no longer believed${how}`;
    }
    const words = kind === "back" ? "is believed again" : "says something else now";
    const whole = `${id} ${words}${how}\n${indented(claimText(memory))}`;
    const tokens = tokenBound(whole);
    if (tokens > room) {
      session.hears(id, memory.blob);
      return `${id} ${words}${how} Call memory_inspect to read it.`;
    }
    room -= tokens;
    session.gave([memory]);
    return whole;
  });
  return parts.join("\n");
}

/** `: expired by copilot: We moved to bun.` */
function howOf({ kind, memory, entry }: Pick<News, "kind" | "memory" | "entry">): string {
  if (entry === null) return kind === "ended" && memory === null ? ": its time has come." : ".";
  const { operation, actor, reason, subject } = entry.text;
  const said = (reason === "" ? subject : reason).replace(/\s+/g, " ").trim();
  const short = said.length > LONGEST_REASON ? `${said.slice(0, LONGEST_REASON - 1).trimEnd()}…` : said;
  const done = OPERATIONS.find((known) => known === operation);
  return `: ${done === undefined ? "changed" : DONE[done]} by ${actor ?? entry.author.name}: ${short}`;
}

function indented(text: string): string {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => `  ${line}`)
    .join("\n");
}
