import { ConflictError, InvalidInputError } from "../errors.ts";
import { isBroken, type Memory, MEMORY_TYPES } from "../memory/model.ts";
import type { Act, Draft, Written } from "../proposal.ts";
import type { MemoryStore } from "../store.ts";
import { believedAlready, sameText } from "../same-claim.ts";
import { addMemory, supersedeMemories } from "../verbs.ts";
import { done, type ToolAnswer } from "./answer.ts";
import { codeRootOf, isWebAddress, pathFromRoot, sourceOf } from "./citation.ts";
import { defineTool } from "./definition.ts";
import type { ToolContext } from "./context.ts";
import { requireWriting } from "./mode.ts";
import { findPresent } from "./past.ts";
import type { InputOf } from "./schema.ts";
import { answerOfConflict, versionRead } from "./version.ts";
import { writtenText } from "./written.ts";

const inputSchema = {
  type: "object",
  properties: {
    title: {
      type: "string",
      description: 'The claim in one line, such as "Use pnpm, never npm".',
      minLength: 1,
      maxLength: 200,
    },
    body: {
      type: "string",
      description: "The claim in full, with what is needed to act on it. Markdown. One claim only.",
      minLength: 1,
      maxLength: 20_000,
    },
    type: {
      type: "string",
      enum: MEMORY_TYPES,
      description:
        "Preference: what the user likes. Convention: how things are done here. Decision: what was chosen, and why. Fact: what is so. Procedure: steps that work. Pitfall: what goes wrong. Episode: what happened.",
      maxLength: 20,
    },
    reason: {
      type: "string",
      description:
        "Why this is worth keeping and how you came to know it, in a sentence. It becomes the commit message.",
      minLength: 1,
      maxLength: 2000,
    },
    tags: {
      type: "array",
      description: "A few short words to find it by.",
      items: { type: "string", minLength: 1, maxLength: 60 },
      maxItems: 12,
    },
    scope: {
      type: "array",
      description:
        'Globs of the code that it is about, such as ["packages/api/**"]. Leave out where it holds everywhere.',
      items: { type: "string", minLength: 1, maxLength: 300 },
      maxItems: 20,
    },
    sources: {
      type: "array",
      description:
        'What it rests on: files from the repository\'s root, with lines where they matter ("src/app.ts:3-7"), or web addresses. Cited code makes it last longer, and shows when it goes stale.',
      items: { type: "string", minLength: 1, maxLength: 1000 },
      maxItems: 20,
    },
    expires: {
      type: "string",
      description: 'When it ends by itself: a duration ("12h", "30d", "6w") or a date ("2027-01-31").',
      minLength: 1,
      maxLength: 40,
    },
    store: {
      type: "string",
      enum: ["project", "personal"],
      description:
        "project: for everybody who works on this repository. personal: for this user in all projects. Default: personal for a Preference without scope, else project.",
      maxLength: 20,
    },
    source: {
      type: "string",
      enum: ["user", "web", "tool", "dependency", "other-agent"],
      description:
        "Where the claim comes from, if not from your own work here: a web page, a tool's output, a dependency's files or another agent. Be honest: it lowers how far the claim is trusted, and nothing raises it.",
      maxLength: 20,
    },
    supersedes: {
      type: "array",
      description:
        "Ids of memories that this one replaces; they end in the same commit. Only ids that you were given in this session.",
      items: { type: "string", minLength: 1, maxLength: 300 },
      maxItems: 20,
    },
  },
  required: ["title", "body", "type", "reason"],
  additionalProperties: false,
} as const;

type Input = InputOf<typeof inputSchema>;

export const rememberTool = defineTool({
  name: "memory_remember",
  title: "Remember a claim",
  description:
    "Stores one claim for later sessions, as one git commit that people can review, edit and revert. " +
    "Use it when the user states a preference or corrects you, when a decision is made, or when you found out something durable that the code doesn't say. One claim a call. " +
    "Don't store secrets, what the code or its documentation already says, the state of the current task, or guesses. " +
    "To change or correct a memory that exists, use memory_update instead. " +
    "Returns its id, store and commit, and when it ends. A claim that is believed already isn't stored twice: the answer names the one that exists.",
  inputSchema,
  readOnly: false,
  destructive: false,
  idempotent: true,
  work: remember,
});

async function remember(context: ToolContext, input: Input): Promise<ToolAnswer> {
  const { stores, session } = context;
  await requireWriting(context);
  const draft = draftOf(input, codeRootOf(stores));
  if (draft.trust === "untrusted") session.taint();
  const act: Act = { caller: session.caller(), reason: input.reason };
  const store = await stores.storeFor(draft, input.store);
  const same = await believedAlready(store, draft);
  if (same !== undefined) {
    session.knows([same]);
    const how = {
      name: `${same.id} in the ${store.label} store`,
      change: "Call memory_update with that id to change that.",
    };
    return done(sameText(same, draft, store.environment.now(), how), {
      stored: false,
      duplicate: true,
      id: same.id,
      store: store.label,
    });
  }
  try {
    const old = await memoriesToEnd(context, store, input.supersedes ?? []);
    const ids = old.map((memory) => memory.id);
    const written =
      ids.length === 0 ? await addMemory(store, draft, act) : await supersedeMemories(store, ids, draft, act);
    return await answerOf(context, store, written, input);
  } catch (error) {
    if (error instanceof ConflictError) return answerOfConflict(context, error);
    throw error;
  }
}

async function memoriesToEnd(
  { stores, session }: ToolContext,
  store: MemoryStore,
  ids: readonly string[],
): Promise<Memory[]> {
  const found = await Promise.all(ids.map((id) => findPresent(stores, id)));
  for (const { store: home, memory } of found) {
    if (home !== store) {
      throw new InvalidInputError(
        `${memory.id} is in the ${home.label} store, and the new claim goes to the ${store.label} store. Set "store" to "${home.label}", or leave "supersedes" out.`,
      );
    }
    if (versionRead(session, memory, undefined) !== memory.blob) {
      throw new ConflictError(`${memory.id} was changed after you read it.`, {
        path: memory.path,
        base: null,
        theirs: null,
        mine: null,
      });
    }
  }
  return [...new Map(found.map(({ memory }) => [memory.id, memory])).values()];
}

function draftOf(input: Input, root: string | null): Draft {
  const { title, body, type, tags, scope, sources, expires, source } = input;
  const fromOutside = (source !== undefined && source !== "user") || (sources ?? []).some(isWebAddress);
  return {
    type,
    title: title.trim(),
    body: body.trim(),
    ...(tags === undefined ? {} : { tags }),
    ...(scope === undefined ? {} : { scope }),
    ...(sources === undefined ? {} : { sources: sources.map((citation) => sourceOf(pathFromRoot(citation, root))) }),
    ...(expires === undefined ? {} : { expires_at: expires }),
    ...(fromOutside ? { trust: "untrusted" as const } : {}),
  };
}

async function answerOf(
  { session }: ToolContext,
  store: MemoryStore,
  written: Written,
  input: Input,
): Promise<ToolAnswer> {
  const [first] = written.memories;
  const memory = first === undefined ? undefined : (await store.snapshot()).at(first.path);
  const stored = memory === undefined || isBroken(memory) ? undefined : memory;
  if (stored !== undefined) session.knows([stored]);
  for (const { id } of written.memories.slice(1)) session.hears(id, null);
  const ends = stored?.front.expires_at;
  const sentences = [
    writtenText("Stored", written),
    ...(ends === undefined
      ? []
      : [`It ends on ${ends.slice(0, 10)}${input.expires === undefined ? ", unless a person confirms it" : ""}.`]),
    ...(stored?.front.origin?.trust === "untrusted"
      ? [
          "It is marked as untrusted, because it comes from outside this project; it isn't recalled until a person approves it.",
        ]
      : []),
  ];
  return done(sentences.join(" "), {
    stored: true,
    id: first?.id ?? null,
    store: written.store,
    commit: written.commit,
    expires_at: ends ?? null,
    superseded: written.memories.slice(1).map((one) => one.id),
    notices: written.notices,
  });
}
