/** What an agent is shown of its files: a folder's list, or a memory's lines. Both as data, in the fence of a recall. */
import { InvalidInputError } from "../errors.ts";
import { asData } from "../tools/data.ts";
import { done, type ToolAnswer } from "../tools/answer.ts";
import type { ToolContext } from "../tools/context.ts";
import { linesOf, numbered, textOf } from "./file-text.ts";
import { MemoryFiles, type MemoryFile, missing } from "./memory-files.ts";
import { aliasOf } from "./aliases.ts";
import { type FilePath, folderOf, ROOT } from "./paths.ts";

/** Lines of a list in one answer, where no range is asked for: at about 25 tokens each. */
const MOST_LISTED = 100;

type Range = readonly number[] | undefined;

export async function view(context: ToolContext, wanted: FilePath, range: Range): Promise<ToolAnswer> {
  const files = await MemoryFiles.of(context);
  try {
    const file = files.find(aliasOf(context.session, wanted));
    if (file !== null) return viewFile(context, file, range);
    const listed = listing(files, wanted);
    if (listed === null) throw await missing(context, wanted);
    return viewFolder(context, files, wanted, listed, range);
  } finally {
    await files.close();
  }
}

function viewFile({ session }: ToolContext, { memory, path, trust }: MemoryFile, range: Range): ToolAnswer {
  const lines = linesOf(textOf(memory));
  const [from, to] = rangeIn(range, lines.length, lines.length);
  session.gave([memory]);
  const { type, scope } = memory.front;
  const about = [type, `trust: ${trust}`, ...(scope === undefined ? [] : [`scope: ${scope.join(", ")}`])].join("; ");
  const text = [
    `Here are the lines of ${path} with their numbers:`,
    numbered(lines.slice(from - 1, to), from, session.id, about),
  ];
  return done(text.join("\n"), { id: memory.id, path, version: memory.blob });
}

interface Listing {
  /** Folders with the number of their files, the outer one first. */
  readonly folders: ReadonlyMap<string, number>;
  readonly files: readonly MemoryFile[];
  readonly withheld: number;
}

/** What is below a folder; null where there is no such folder. */
function listing(files: MemoryFiles, { path }: FilePath): Listing | null {
  const all = files.all();
  const inside = all.files.filter((file) => path === ROOT || file.path.startsWith(`${path}/`));
  const isStore = files.labels.some((label) => path === `${ROOT}/${label}`);
  if (inside.length === 0 && path !== ROOT && !isStore) return null;
  const folders = new Map<string, number>();
  const count = (folder: string): void => void folders.set(folder, (folders.get(folder) ?? 0) + 1);
  for (const { store, memory } of inside) {
    const folder = folderOf(store.label, memory);
    for (const outer of [ROOT, `${ROOT}/${store.label}`]) if (outer.length >= path.length) count(outer);
    count(folder);
  }
  return { folders, files: inside, withheld: path === ROOT ? all.withheld : 0 };
}

function viewFolder(
  { session }: ToolContext,
  files: MemoryFiles,
  { path }: FilePath,
  { folders, files: inside, withheld }: Listing,
  range: Range,
): ToolAnswer {
  const [from, to] = inside.length === 0 ? [1, 0] : rangeIn(range, inside.length, MOST_LISTED);
  const page = inside.slice(from - 1, to);
  const shown = page.filter((file) => files.admits(file));
  const lines = [
    ...[...folders].toSorted().map(([folder, count]) => `${count} ${count === 1 ? "file" : "files"}\t${folder}`),
    ...shown.map((file) => `${sizeOf(file)}\t${file.path}`),
  ];
  const kept = withheld + page.length - shown.length;
  const text = [
    ...(inside.length === 0
      ? [`There are no files in ${path} yet.`]
      : [`Here are the folders and files in ${path}, the newest files first:`, asData(lines.join("\n"), session.id)]),
    ...(page.length === inside.length
      ? []
      : [`These are files ${from} to ${from + page.length - 1} of ${inside.length}; view_range shows others.`]),
    ...(kept === 0
      ? []
      : [
          `${kept} more ${kept === 1 ? "waits for a person's review, and is" : "wait for a person's review, and are"} not shown.`,
        ]),
  ];
  return done(text.join("\n"), { files: shown.map((file) => file.path), withheld: kept });
}

/** The first and the last of a range, -1 being the end; by default as many as are shown at once. */
function rangeIn(range: Range, length: number, most: number): readonly [number, number] {
  const [from = 1, end = Math.min(length, most)] = range ?? [];
  const to = end === -1 ? length : Math.min(end, length);
  if ((range !== undefined && range.length !== 2) || from < 1 || from > length || to < from)
    throw new InvalidInputError(
      `"view_range" is a first and a last number, from 1 to ${length} here, such as [1, ${Math.min(length, 20)}]; -1 stands for the end.`,
    );
  return [from, to];
}

function sizeOf({ memory }: MemoryFile): string {
  const bytes = new TextEncoder().encode(textOf(memory)).length;
  return bytes < 1024 ? `${bytes}B` : `${(bytes / 1024).toFixed(1)}K`;
}
