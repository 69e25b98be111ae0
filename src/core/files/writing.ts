/** What an agent does to its files, as what may be done to memories: each is one proposal through the gate, or nothing. */
import { ConflictError, InvalidInputError } from "../errors.ts";
import { lineAt } from "../memory/lines.ts";
import { isBroken } from "../memory/model.ts";
import type { Act, Draft, Edits, Written } from "../proposal.ts";
import { believedAlready, sameText } from "../same-claim.ts";
import type { MemoryStore } from "../store.ts";
import { done, failed, type ToolAnswer } from "../tools/answer.ts";
import type { ToolContext } from "../tools/context.ts";
import { writtenText } from "../tools/written.ts";
import { addMemory, expireMemories, updateMemory } from "../verbs.ts";
import { aliasOf, keepAlias } from "./aliases.ts";
import { editsOf, ignoredText, linesOf, numbered, textOf, wordsOf } from "./file-text.ts";
import { MemoryFiles, type MemoryFile, missing } from "./memory-files.ts";
import { type FilePath, pathOf, typeOfFolders, wordsOfName } from "./paths.ts";

/** Lines that are shown on either side of a change. */
const AROUND = 4;

/** Why, in the agent's words where it gave any. */
type Reason = string | undefined;

export async function create(context: ToolContext, asked: FilePath, text: string, reason: Reason): Promise<ToolAnswer> {
  const { session, stores } = context;
  if (asked.name === "") throw new InvalidInputError(`${asked.path} is a folder. Name a file in it.`);
  const there = await fileAt(context, asked);
  if (there !== null)
    return failed(
      "exists",
      `The file ${there.path} already exists. View it, and change it with str_replace or insert.`,
    );
  const words = wordsOf(text);
  const title = words.title ?? wordsOfName(asked.name);
  const draft: Draft = {
    ...words.keys,
    type: words.keys.type ?? typeOfFolders(asked.folders) ?? "Fact",
    title,
    body: words.body === "" ? title : words.body,
    ...(words.fromOutside ? { trust: "untrusted" } : {}),
  };
  if (words.fromOutside) session.taint();
  const store = await stores.storeFor(draft, asked.label);
  const same = await believedAlready(store, draft);
  if (same !== undefined) {
    session.knows([same]);
    const path = pathOf(store.label, same);
    keepAlias(session, asked.path, path);
    const how = { name: path, change: "Front matter that you insert at the beginning of that file changes that." };
    return done(lines(sameText(same, draft, store.environment.now(), how), ignoredText(words)), {
      stored: false,
      duplicate: true,
      path,
    });
  }
  const written = await addMemory(store, draft, actOf(context, reason, `Kept as the file ${asked.path}.`));
  const { path, ends } = await follow(context, store, written, asked);
  return done(
    lines(
      `File created successfully at: ${path}`,
      `${writtenText("Stored", written)}${ends}`,
      path === asked.path ? "" : "Call it by that path from now on; other sessions find it there.",
      ignoredText(words),
    ),
    { stored: true, id: written.memories[0]?.id ?? null, path, commit: written.commit, notices: written.notices },
  );
}

export async function replace(
  context: ToolContext,
  asked: FilePath,
  { old, by }: { readonly old: string; readonly by: string },
  reason: Reason,
): Promise<ToolAnswer> {
  const file = await readFile(context, asked);
  const text = textOf(file.memory);
  const wanted = old.replaceAll("\r\n", "\n");
  const places = placesOf(text, wanted);
  const [at] = places;
  if (at === undefined)
    return failed("invalid-input", `No replacement was performed: old_str does not stand verbatim in ${file.path}.`);
  if (places.length > 1) {
    const where = [...new Set(places.map((place) => lineAt(text, place)))].join(", ");
    return failed(
      "invalid-input",
      `No replacement was performed: old_str stands ${places.length} times in ${file.path}, in lines ${where}. Take in more of the words around it, so that it is unique.`,
    );
  }
  const changed = text.slice(0, at) + by + text.slice(at + wanted.length);
  return edit(context, file, changed, { at: lineAt(text, at), count: by.split("\n").length }, reason);
}

export async function insert(
  context: ToolContext,
  asked: FilePath,
  { after, words }: { readonly after: number; readonly words: string },
  reason: Reason,
): Promise<ToolAnswer> {
  const file = await readFile(context, asked);
  const there = linesOf(textOf(file.memory));
  if (after > there.length)
    throw new InvalidInputError(
      `"insert_line" is the line after which the text goes: from 0 to ${there.length}, the number of lines in ${file.path}.`,
    );
  const added = linesOf(words);
  const changed = `${there.toSpliced(after, 0, ...added).join("\n")}\n`;
  return edit(context, file, changed, { at: after + 1, count: added.length }, reason);
}

/** Ends the memory: its file leaves the folder, its history stays. */
export async function remove(context: ToolContext, asked: FilePath, reason: Reason): Promise<ToolAnswer> {
  const { store, memory, path } = await readFile(context, asked);
  const act = actOf(context, reason, "Deleted through the file tool.");
  const written = await expireMemories(store, [memory.path], { ...act, cause: "other", read: memory.blob });
  context.session.hears(memory.id, null);
  return done(lines(`Successfully deleted ${path}`, `${writtenText("Expired", written)} Its history stays.`), {
    expired: true,
    id: memory.id,
    path,
    commit: written.commit,
  });
}

/** The name's words are the claim's, and a folder is its type; the id stays whatever it is called. */
export async function rename(context: ToolContext, from: FilePath, to: FilePath, reason: Reason): Promise<ToolAnswer> {
  const file = await readFile(context, from);
  const { store, memory } = file;
  const target = await fileAt(context, to);
  if (to.name === "" || (target !== null && target.memory.id !== memory.id))
    return failed("exists", `The destination ${to.path} already exists. Choose another name.`);
  if (to.label !== undefined && to.label !== store.label)
    throw new InvalidInputError(
      `${file.path} can't move to another store. Create it there, and delete it here where it is of no use.`,
    );
  if (to.handle !== undefined && target === null)
    throw new InvalidInputError("The id at the end of a name is the memory's own. Keep it, or leave it out.");
  const title = wordsOfName(to.name);
  const type = typeOfFolders(to.folders);
  const edits: Edits = {
    ...(title === "" || title === wordsOfName(file.path.slice(file.path.lastIndexOf("/") + 1)) ? {} : { title }),
    ...(type === undefined || type === memory.front.type ? {} : { type }),
  };
  if (Object.keys(edits).length === 0)
    return done(`${file.path} is called that already; nothing was changed.`, { stored: false, id: memory.id });
  const { written, path, ends } = await update(
    context,
    file,
    edits,
    actOf(context, reason, "Renamed through the file tool."),
    to,
  );
  return done(lines(`Successfully renamed ${file.path} to ${path}`, `${writtenText("Updated", written)}${ends}`), {
    stored: true,
    id: memory.id,
    path,
    commit: written.commit,
    notices: written.notices,
  });
}

async function edit(
  context: ToolContext,
  file: MemoryFile,
  changed: string,
  { at, count }: { readonly at: number; readonly count: number },
  reason: Reason,
): Promise<ToolAnswer> {
  if (changed.trim() === "") throw new InvalidInputError("Nothing would be left in the file. Delete it instead.");
  const words = wordsOf(changed, file.memory.title);
  const edits = editsOf(file.memory, words);
  if (Object.keys(edits).length === 0)
    return done(lines(`${file.path} says that already; nothing was changed.`, ignoredText(words)), {
      stored: false,
      id: file.memory.id,
    });
  if (words.fromOutside) context.session.taint();
  const act = actOf(context, reason, "Edited through the file tool.");
  const { written, path, text, ends } = await update(context, file, edits, act);
  const now = linesOf(text);
  const from = Math.max(1, Math.min(at, now.length) - AROUND);
  return done(
    lines(
      `The memory file ${path} has been edited. These are its lines around the change:`,
      numbered(now.slice(from - 1, at + count - 1 + AROUND), from, context.session.id),
      `${writtenText("Updated", written)}${ends}`,
      ignoredText(words),
    ),
    { stored: true, id: file.memory.id, path, commit: written.commit, notices: written.notices },
  );
}

async function update(
  context: ToolContext,
  { store, memory }: MemoryFile,
  edits: Edits,
  act: Act,
  asked?: FilePath,
): Promise<Followed & { readonly written: Written }> {
  const written = await updateMemory(store, memory.path, edits, { ...act, read: memory.blob });
  return { written, ...(await follow(context, store, written, asked)) };
}

interface Followed {
  readonly path: string;
  readonly text: string;
  /** ` It ends on …`, or empty. */
  readonly ends: string;
}

/** Where the memory stands after a write, which its session knows of from then on. */
async function follow(
  { session }: ToolContext,
  store: MemoryStore,
  written: Written,
  asked?: FilePath,
): Promise<Followed> {
  const [first] = written.memories;
  const memory = first === undefined ? undefined : (await store.snapshot()).at(first.path);
  if (memory === undefined || isBroken(memory)) return { path: asked?.path ?? "", text: "", ends: "" };
  session.knows([memory]);
  const path = pathOf(store.label, memory);
  if (asked !== undefined) keepAlias(session, asked.path, path);
  const end = memory.front.expires_at;
  const ends = end === undefined ? "" : ` It ends on ${end.slice(0, 10)}, unless a person confirms it.`;
  return { path, text: textOf(memory), ends };
}

async function fileAt(context: ToolContext, asked: FilePath): Promise<MemoryFile | null> {
  const files = await MemoryFiles.of(context);
  try {
    return files.find(aliasOf(context.session, asked));
  } finally {
    await files.close();
  }
}

/**
 * The file that is to be changed, as the session has seen it.
 *
 * @throws NoSuchFileError, InvalidInputError where the session has not seen it, ConflictError where it changed since.
 */
async function readFile(context: ToolContext, asked: FilePath): Promise<MemoryFile> {
  const file = await fileAt(context, asked);
  if (file === null) throw await missing(context, aliasOf(context.session, asked));
  const given = context.session.given(file.memory.id);
  if (given === undefined)
    throw new InvalidInputError(`You haven't viewed ${file.path} in this session. View it first, then try again.`);
  if (given === file.memory.blob) return file;
  throw new ConflictError(`${file.path} was changed by somebody else after you viewed it.`, {
    path: file.memory.path,
    base: null,
    theirs: null,
    mine: null,
  });
}

/** The door is stamped here, whatever connection the tool is served over. */
function actOf({ session }: ToolContext, reason: Reason, otherwise: string): Act {
  return { caller: { ...session.caller(), channel: "file-tool" }, reason: reason ?? otherwise };
}

function placesOf(text: string, words: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(words); at !== -1; at = text.indexOf(words, at + 1)) places.push(at);
  return places;
}

function lines(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("\n");
}
