import { editMemory } from "../../core/memory/edit.ts";
import { parseExpiry } from "../../core/memory/lifecycle.ts";
import type { Memory } from "../../core/memory/model.ts";
import type { Edits } from "../../core/proposal.ts";
import { updateMemory } from "../../core/verbs.ts";
import { type Arguments, UsageError } from "../arguments.ts";
import { actOf } from "../caller.ts";
import type { Command } from "../command.ts";
import { SOURCE_OPTION, STORE_OPTION, WRITER_OPTIONS } from "../options.ts";
import { bodyText, storesFor } from "../context.ts";
import { findPresent, type Named } from "../naming.ts";
import { answerOfUnchanged, answerOfWrite } from "../written.ts";
import { typeOf } from "./add.ts";

/** As few characters of a version as git itself would show. */
const SHORTEST_VERSION = 7;

export const update: Command = {
  name: "update",
  usage: [
    "update ID [--title TEXT] [--body TEXT | --body-file FILE] [--type TYPE] [--tag TAG]... [--untag TAG]... [--scope GLOB]... [--expires WHEN] --reason TEXT",
  ],
  about:
    "Changes a memory. What is not named keeps its bytes. With --read, a memory that was changed since is a conflict (exit code 4) and nothing is stored.",
  options: {
    title: { value: "TEXT", summary: "The new claim in one line." },
    body: { value: "TEXT", summary: "The whole new body; - reads it from stdin." },
    "body-file": { value: "FILE", summary: "Read the body from a file." },
    description: { value: "TEXT", summary: "The new description; an empty text removes it." },
    type: { value: "TYPE", summary: "The new type." },
    tag: { value: "TAG", many: true, summary: "Add a tag." },
    untag: { value: "TAG", many: true, summary: "Remove a tag." },
    scope: { value: "GLOB", many: true, summary: "The globs of code that it is about, in place of the old ones." },
    everywhere: { summary: "Remove the scope." },
    expires: { value: "WHEN", summary: "The new end: 12h, 30d, 6w, a date, or never." },
    reason: { value: "TEXT", summary: "Why it changes. Becomes the commit's message." },
    read: { value: "VERSION", summary: "The version (blob) that you had read, as `git memory show` gives it." },
    ...SOURCE_OPTION,
    ...STORE_OPTION,
    ...WRITER_OPTIONS,
  },
  operands: { least: 1, most: 1, name: "the id of one memory" },
  examples: [
    { line: 'update m_7k3q9f2d --title "Use pnpm 10" --reason "Upgraded."', says: "Changes the title alone." },
    { line: 'update m_7k3q9f2d --tag tooling --untag misc --reason "Sorted."', says: "Changes the tags." },
  ],
  async run(context, args) {
    const reason = args.required("reason");
    const body = await bodyText(context, args);
    const found = await findPresent(await storesFor(context, args), args.operand(0) ?? "");
    const edits = editsOf(args, body, found.memory);
    if (Object.keys(edits).length === 0)
      throw new UsageError(
        "There is nothing to change. Name at least one of --title, --body, --type, --tag, --untag, --scope and --expires.",
      );
    const read = await versionOf(found, args.text("read"));
    if (read === found.memory.blob && (await changesNothing(found, edits)))
      return answerOfUnchanged(found.store, found.memory, "It says that already; nothing was changed.");
    const written = await updateMemory(found.store, found.memory.id, edits, { ...actOf(context, args, reason), read });
    return answerOfWrite(found.store, written, "Updated");
  },
};

function editsOf(args: Arguments, body: string | undefined, memory: Memory): Edits {
  const [title, type, description, expires] = [
    args.text("title"),
    args.text("type"),
    args.text("description"),
    args.text("expires"),
  ];
  if (args.flag("everywhere") && args.flag("scope")) throw new UsageError("Give either --scope or --everywhere.");
  const tags = newTags(memory.front.tags ?? [], args.texts("tag"), args.texts("untag"));
  return {
    ...(title === undefined ? {} : { title: title.trim() }),
    ...(body === undefined ? {} : { body }),
    ...(type === undefined ? {} : { type: typeOf(type) }),
    ...(description === undefined ? {} : { description: description === "" ? null : description }),
    ...(args.flag("tag") || args.flag("untag") ? { tags } : {}),
    ...(args.flag("scope") ? { scope: args.texts("scope") } : {}),
    ...(args.flag("everywhere") ? { scope: null } : {}),
    ...(expires === undefined ? {} : { expires_at: expires === "never" ? null : expires }),
  };
}

function newTags(now: readonly string[], more: readonly string[], less: readonly string[]): string[] | null {
  const missing = less.find((tag) => !now.includes(tag));
  if (missing !== undefined)
    throw new UsageError(`The memory has no tag "${missing}"${now.length === 0 ? "" : `, only ${now.join(", ")}`}.`);
  const tags = [...new Set([...now.filter((tag) => !less.includes(tag)), ...more])];
  return tags.length === 0 ? null : tags;
}

/** The version of this memory that `--read` names by its first characters. Another one than the present is a conflict. */
async function versionOf({ store, memory }: Named, read: string | undefined): Promise<string> {
  if (read === undefined) return memory.blob;
  const versions = (await store.journal.of(memory.id, memory.path)).flatMap(({ changes }) =>
    changes.flatMap(({ id, path, before, after }) => (id === memory.id || path === memory.path ? [after, before] : [])),
  );
  const version = [memory.blob, ...versions].find((blob) => read.length >= SHORTEST_VERSION && blob?.startsWith(read));
  if (version === undefined || version === null)
    throw new UsageError(
      `${memory.id} never had a version "${read}". --read takes the version (blob) that \`git memory show\` gives.`,
    );
  return version;
}

/** A command that is run twice must not make an empty commit. */
async function changesNothing({ store, memory }: Named, edits: Edits): Promise<boolean> {
  const [bytes] = await store.repository.blobs([memory.blob]);
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const { expires_at: expires } = edits;
  const resolved =
    typeof expires === "string" ? { ...edits, expires_at: parseExpiry(expires, store.environment.now()) } : edits;
  return editMemory(text, resolved) === text;
}
