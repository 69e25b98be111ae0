/**
 * Opening a store of 10,000 memories, cold (no cache) and warm, against reading the same bytes from one file.
 * `npm run bench:open [-- COUNT]`
 */
import fs from "node:fs";
import path from "node:path";
import { fillStore, paired, report } from "./support/bench-store.ts";
import { Scratch } from "../support/scratch.ts";

const count = Number(process.argv[2] ?? 10_000);
const scratch = new Scratch();
try {
  await fillStore(scratch, count);
  const store = await scratch.open();
  const snapshot = await store.snapshot();
  const files: Uint8Array[] = [];
  const { tree, load } = await store.repository.whole(snapshot.commit ?? "");
  const listed = tree.folders.flatMap((folder) => folder.files);
  await load(listed, (_, bytes) => files.push(Buffer.from(bytes)));
  const one = path.join(scratch.data, "one-file");
  fs.mkdirSync(scratch.data, { recursive: true });
  fs.writeFileSync(one, Buffer.concat(files));
  await store.dispose();
  const cache = path.join(scratch.folder, ".git/memory/snapshot");
  const readOneFile = (): string => fs.readFileSync(one, "utf8");
  let current = await scratch.open();
  const open = async (): Promise<void> => {
    current = await scratch.open();
    const { size } = await current.snapshot();
    if (size !== count) throw new Error(`${size} memories of ${count} were opened`);
  };
  const close = async (): Promise<void> => current.dispose();
  const closeAndForget = async (): Promise<void> => {
    await close();
    fs.rmSync(cache, { force: true });
  };
  report(`cold open of ${count} memories`, "one file", await paired(7, readOneFile, open, closeAndForget));
  report(`warm open of ${count} memories`, "one file", await paired(15, readOneFile, open, close));
  await close();
  const start = performance.now();
  const again = await scratch.open();
  const opened = performance.now();
  await again.snapshot();
  const read = performance.now();
  for (const memory of (await again.snapshot()).memories()) void memory.front.generated;
  console.log(
    `of a warm open: find the repository ${(opened - start).toFixed(1)} ms, snapshot ${(read - opened).toFixed(1)} ms, all front matter ${(performance.now() - read).toFixed(1)} ms`,
  );
  await again.dispose();
} finally {
  await scratch.remove();
}
