import { InvalidInputError } from "../../core/errors.ts";
import { MEMORY_TYPES, type Source } from "../../core/memory/model.ts";
import type { Draft } from "../../core/proposal.ts";
import { isWebAddress, sourceOf } from "../../core/tools/citation.ts";
import { believedAlready, sameText } from "../../core/same-claim.ts";
import { addMemory, supersedeMemories } from "../../core/verbs.ts";
import { type Arguments, UsageError } from "../arguments.ts";
import { actOf } from "../caller.ts";
import type { Command } from "../command.ts";
import { SOURCE_OPTION, WRITER_OPTIONS } from "../options.ts";
import { bodyText, storeWish } from "../context.ts";
import { findPresent } from "../naming.ts";
import { nearest } from "../nearest.ts";
import { answerOfUnchanged, answerOfWrite } from "../written.ts";

export const add: Command = {
  name: "add",
  usage: [
    "add --title TEXT --type TYPE --body TEXT --reason TEXT [--tag TAG]... [--scope GLOB]... [--expires WHEN] [--source ORIGIN]",
    "add --title TEXT --type TYPE --body-file FILE --reason TEXT",
  ],
  about:
    "Stores one claim as one commit. A preference without a scope goes to your personal store, everything else to the project's.",
  options: {
    title: { value: "TEXT", summary: "The claim in one line." },
    type: { value: "TYPE", summary: `${MEMORY_TYPES.join(", ")}.` },
    body: { value: "TEXT", summary: "The claim in full, in markdown; - reads it from stdin." },
    "body-file": { value: "FILE", summary: "Read the body from a file." },
    reason: { value: "TEXT", summary: "Why it is worth keeping and how you know. Becomes the commit's message." },
    description: { value: "TEXT", summary: "One more sentence, where the title needs one." },
    tag: { value: "TAG", many: true, summary: "A word to find it by." },
    scope: { value: "GLOB", many: true, summary: "The code that it is about. Default: everywhere." },
    cite: {
      value: "FILE[:LINES]",
      many: true,
      summary: "What it rests on: a file from the repository's root, such as src/app.ts:3-7, or a web address.",
    },
    supersedes: { value: "ID", many: true, summary: "A memory that this one replaces; it ends in the same commit." },
    expires: { value: "WHEN", summary: "When it ends by itself: 12h, 30d, 6w, or a date such as 2027-01-31." },
    store: {
      value: "STORE",
      choices: ["project", "personal"],
      summary: "Where to keep it, if not where it belongs by itself.",
    },
    ...SOURCE_OPTION,
    ...WRITER_OPTIONS,
  },
  operands: { least: 0, most: 0, name: "" },
  examples: [
    {
      line: 'add --title "Use pnpm, never npm" --type Convention --body "Run scripts through pnpm." --reason "An npm lockfile broke CI twice."',
      says: "Stores a convention of the project.",
    },
    {
      line: 'add --title "How a release is made" --type Procedure --body - --reason "Asked for often." < release.md',
      says: "Reads the body from stdin.",
    },
    {
      line: 'add --title "The API allows 60 calls a minute" --type Fact --body "Says its page." --reason "Read for #12." --source web --expires 30d',
      says: "Stores what a web page said: untrusted, and for 30 days.",
    },
  ],
  async run(context, args) {
    const body = await bodyText(context, args);
    if (body === undefined)
      throw new UsageError("add needs --body or --body-file. `git memory help add` shows an example.");
    const draft = draftOf(args, body);
    const act = actOf(context, args, args.required("reason"));
    const store = await (await context.stores()).storeFor(draft, storeWish(args));
    const old: string[] = [];
    for (const name of args.texts("supersedes")) old.push((await findPresent([store], name)).memory.id);
    const same = old.length === 0 ? await believedAlready(store, draft) : undefined;
    if (same !== undefined) {
      const how = {
        name: `${same.id} in the ${store.label} store`,
        change: `Change that with \`git memory update ${same.id}\`.`,
      };
      return answerOfUnchanged(store, same, sameText(same, draft, store.environment.now(), how));
    }
    const written =
      old.length === 0 ? await addMemory(store, draft, act) : await supersedeMemories(store, old, draft, act);
    return answerOfWrite(store, written, "Stored");
  },
};

function draftOf(args: Arguments, body: string): Draft {
  const [description, expires] = [args.text("description"), args.text("expires")];
  const cited = args.texts("cite");
  const sources: Source[] = cited.map(sourceOf);
  return {
    type: typeOf(args.required("type")),
    title: args.required("title"),
    body,
    tags: args.texts("tag"),
    scope: args.texts("scope"),
    ...(sources.length === 0 ? {} : { sources }),
    ...(description === undefined ? {} : { description }),
    ...(expires === undefined ? {} : { expires_at: expires }),
    // Words from a page are the page's, whoever types them.
    ...(cited.some(isWebAddress) ? { trust: "untrusted" as const } : {}),
  };
}

/** The format keeps any type, so a typing mistake would be stored for good. */
export function typeOf(text: string): string {
  const known = MEMORY_TYPES.find((type) => type.toLowerCase() === text.toLowerCase());
  if (known !== undefined) return known;
  const meant = nearest(text, MEMORY_TYPES);
  throw new InvalidInputError(
    `There is no type "${text}". ${meant === null ? `Use one of ${MEMORY_TYPES.join(", ")}.` : `Did you mean ${meant}?`}`,
  );
}
