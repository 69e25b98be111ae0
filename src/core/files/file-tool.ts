/**
 * The memory tool of agents that keep their memory as files under `/memories`: the same commands and words, on the same
 * memories, through the same gate and store as every other door.
 */
import { ConflictError, InvalidInputError } from "../errors.ts";
import type { Act, Written } from "../proposal.ts";
import { done, failed, type ToolAnswer } from "../tools/answer.ts";
import { asData } from "../tools/data.ts";
import { defineTool, type ToolContext } from "../tools/definition.ts";
import { requireReading, requireWriting } from "../tools/mode.ts";
import type { InputOf } from "../tools/schema.ts";
import { answerOfConflict } from "../tools/version.ts";
import { writtenText } from "../tools/written.ts";
import { addMemory, expireMemories, updateMemory } from "../verbs.ts";
import { fileAt, linesOf, memoryFiles, type MemoryFile } from "./memory-files.ts";
import { FILE_TAG, filePathOf, insideRoot, ROOT } from "./paths.ts";

const COMMANDS = ["view", "create", "str_replace", "insert", "delete", "rename"] as const;
const path = {
  type: "string",
  description: "A path, such as /memories/notes.md.",
  minLength: 1,
  maxLength: 400,
} as const;
const text = (description: string) => ({ type: "string", description, maxLength: 20_000 }) as const;

const inputSchema = {
  type: "object",
  properties: {
    command: { type: "string", enum: COMMANDS, description: "What to do.", maxLength: 20 },
    path: { ...path, description: "The file, or for view also a folder: /memories or below it." },
    view_range: {
      type: "array",
      description: "view: the first and the last line; -1 for the end.",
      items: { type: "integer", minimum: -1, maximum: 1_000_000 },
      maxItems: 2,
    },
    file_text: text("create: the whole text. One claim or one topic a file."),
    old_str: text("str_replace: the words to replace; they must stand in the file exactly once."),
    new_str: text("str_replace: what takes their place."),
    insert_line: {
      type: "integer",
      description: "insert: the line after which; 0 for the beginning.",
      minimum: 0,
      maximum: 1_000_000,
    },
    insert_text: text("insert: the text."),
    old_path: { ...path, description: "rename: the file as it is called now." },
    new_path: { ...path, description: "rename: its new path." },
  },
  required: ["command"],
  additionalProperties: false,
} as const;

type Input = InputOf<typeof inputSchema>;

export const fileTool = defineTool({
  name: "memory",
  title: "Memory files",
  description:
    "Keeps what is worth knowing in later sessions as files under /memories: view, create, str_replace, insert, delete, rename. " +
    "View /memories first. Each change is one git commit that people can review and revert; what reads like an attack, or comes from outside after you said so, waits for the user. " +
    "Use it for durable facts, conventions and decisions; never for secrets. Returns the text or the commit.",
  inputSchema,
  readOnly: false,
  destructive: true,
  idempotent: false,
  work: async (context, input) => {
    await (input.command === "view" ? requireReading(context) : requireWriting(context));
    try {
      return await WORK[input.command](context, input);
    } catch (error) {
      if (error instanceof ConflictError) return answerOfConflict(context, error);
      throw error;
    }
  },
});

const WORK: Readonly<Record<Input["command"], (context: ToolContext, input: Input) => Promise<ToolAnswer>>> = {
  view,
  create,
  str_replace: replace,
  insert,
  delete: remove,
  rename,
};

async function view({ stores, session }: ToolContext, input: Input): Promise<ToolAnswer> {
  const wanted = needed(input, "path");
  const files = await memoryFiles(stores);
  const inside = insideRoot(wanted);
  const prefix = inside === "" ? "" : `${inside}/`;
  const below = [...files.keys()].filter((one) => one.startsWith(prefix)).toSorted();
  if (!files.has(inside) && (inside === "" || below.length > 0)) {
    const listed = below.map((one) => `${ROOT}/${one}`).join("\n");
    return done(`The files in ${ROOT}${inside === "" ? "" : `/${inside}`}:\n${asData(listed, session.id)}`, {
      files: below.length,
    });
  }
  const { memory } = fileAt(files, wanted);
  const lines = linesOf(memory);
  const [from = 1, to = -1] = input.view_range ?? [];
  const last = to === -1 ? lines.length : to;
  if (from < 1 || last < from || from > lines.length)
    throw new InvalidInputError(`The file has ${lines.length} lines; view_range names a first and a last one of them.`);
  session.gave([memory]);
  const numbered = lines.slice(from - 1, last).map((line, n) => `${String(from + n).padStart(6)}\t${line}`);
  return done(`Here are the lines of ${ROOT}/${filePathOf(memory)}:\n${asData(numbered.join("\n"), session.id)}`, {
    id: memory.id,
    version: memory.blob,
  });
}

async function create(context: ToolContext, input: Input): Promise<ToolAnswer> {
  const title = insideRoot(needed(input, "path"));
  if (title === "") throw new InvalidInputError("Name a file, not the folder.");
  const body = needed(input, "file_text").trim();
  const there = (await memoryFiles(context.stores)).get(title);
  if (there !== undefined) return edited(context, there, body, "Written anew as a file.");
  const draft = { type: "Fact", title, body, tags: [FILE_TAG] };
  const store = await context.stores.storeFor(draft);
  const written = await addMemory(store, draft, actOf(context, "Kept as a file."));
  return stored(context, written, "Stored");
}

async function replace(context: ToolContext, input: Input): Promise<ToolAnswer> {
  const file = fileAt(await memoryFiles(context.stores), needed(input, "path"));
  const old = needed(input, "old_str");
  const body = linesOf(file.memory).join("\n");
  const times = body.split(old).length - 1;
  if (old === "" || times !== 1)
    return failed(
      "invalid-input",
      times === 0
        ? "Those words don't stand in the file as it is now, so nothing was changed. View it and try again."
        : "Those words stand there more than once. Take in more of the lines around them.",
    );
  const at = body.indexOf(old);
  const changed = body.slice(0, at) + (input.new_str ?? "") + body.slice(at + old.length);
  return edited(context, file, changed, "Words replaced in a file.", file.memory.blob);
}

async function insert(context: ToolContext, input: Input): Promise<ToolAnswer> {
  const file = fileAt(await memoryFiles(context.stores), needed(input, "path"));
  const lines = linesOf(file.memory);
  const { insert_line: after } = input;
  if (after === undefined || after > lines.length)
    throw new InvalidInputError(`"insert_line" is from 0 to ${lines.length}, the number of lines.`);
  const changed = [
    ...lines.slice(0, after),
    ...needed(input, "insert_text").replace(/\n$/, "").split("\n"),
    ...lines.slice(after),
  ];
  return edited(context, file, changed.join("\n"), "Lines put into a file.");
}

async function remove(context: ToolContext, input: Input): Promise<ToolAnswer> {
  const file = fileAt(await memoryFiles(context.stores), needed(input, "path"));
  const { store, memory } = file;
  const act = { ...actOf(context, "Deleted as a file."), cause: "other", read: versionOf(context, file) } as const;
  const written = await expireMemories(store, [memory.id], act);
  context.session.hears(memory.id, null);
  return done(writtenText("Expired", written), { id: memory.id, commit: written.commit });
}

async function rename(context: ToolContext, input: Input): Promise<ToolAnswer> {
  const files = await memoryFiles(context.stores);
  const file = fileAt(files, needed(input, "old_path"));
  const title = insideRoot(needed(input, "new_path"));
  if (title === "" || files.has(title)) throw new InvalidInputError("There is something under the new path already.");
  const { store, memory } = file;
  const tags = [...new Set([...(memory.front.tags ?? []), FILE_TAG])];
  const act = { ...actOf(context, "Renamed as a file."), read: versionOf(context, file) };
  return stored(context, await updateMemory(store, memory.id, { title, tags }, act), "Updated");
}

async function edited(
  context: ToolContext,
  file: MemoryFile,
  body: string,
  reason: string,
  read = versionOf(context, file),
): Promise<ToolAnswer> {
  const { store, memory } = file;
  if (body.trim() === "") throw new InvalidInputError("Nothing would be left in the file. Delete it instead.");
  if (body.trim() === memory.body.trim())
    return done("The file says that already; nothing was changed.", { stored: false });
  return stored(
    context,
    await updateMemory(store, memory.id, { body }, { ...actOf(context, reason), read }),
    "Updated",
  );
}

function stored({ session }: ToolContext, written: Written, verb: "Stored" | "Updated"): ToolAnswer {
  const [first] = written.memories;
  if (first !== undefined && first.blob !== null) session.knows([{ id: first.id, blob: first.blob }]);
  return done(writtenText(verb, written), { stored: true, id: first?.id ?? null, commit: written.commit });
}

/** The version that the session was shown or wrote; one that it never saw is the one that stands there. */
function versionOf({ session }: ToolContext, { memory }: MemoryFile): string {
  return session.given(memory.id) ?? memory.blob;
}

function actOf({ session }: ToolContext, reason: string): Act {
  return { caller: { ...session.caller(), channel: "file-tool" }, reason };
}

function needed(input: Input, key: "path" | "file_text" | "old_str" | "insert_text" | "old_path" | "new_path"): string {
  const value = input[key];
  if (value === undefined) throw new InvalidInputError(`${input.command} needs "${key}".`);
  return value;
}
