/** What is in a store: its rules, its files, and whether each is where it is looked for. */
import { isBroken } from "../../core/memory/model.ts";
import { slugOf } from "../../core/memory/location.ts";
import { GitError, MemoryError, NotAStoreError, PartialCloneError } from "../../core/errors.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { MemoryStore } from "../../core/store.ts";
import { counted } from "../words.ts";
import { checkAgreement } from "./agreement.ts";
import { checkIds } from "./duplicates.ts";
import { type Finding, notice, ok, problem } from "./finding.ts";
import { notInUse } from "../../core/review/not-in-use.ts";
import { spelledLine } from "../../core/view/spelled.ts";
import { checkTrust } from "./trust.ts";

/** Markdown that is no memory and is where it belongs. */
const NOT_MEMORIES = /^(?:tombstones\/.*|(?:.*\/)?(?:readme|index|log)\.md)$/i;

export async function checkContents(store: MemoryStore): Promise<Finding[]> {
  let snapshot: Snapshot;
  try {
    snapshot = await store.snapshot();
  } catch (error) {
    if (!(error instanceof MemoryError)) throw error;
    const lost = error instanceof GitError && !(error instanceof PartialCloneError) ? await lostFiles(store) : [];
    if (lost.length > 0) return lost;
    return [
      problem(
        "store",
        error.message,
        error instanceof NotAStoreError
          ? "The ref is left as it is. Rename or remove the branch if it is not meant to be a memory store."
          : "Nothing was changed. What git lacks or can't read may be in a clone or a backup: fetch the branch from there.",
      ),
    ];
  }
  const count = counted(snapshot.size, "file", "files");
  const ref = branchOf(store);
  return [
    ok("store", `The ${store.label} store has ${count} at ${ref} in ${store.repository.location}.`),
    ...(await checkMode(store)),
    ...(await checkPolicy(store)),
    ...checkFiles(store, snapshot),
    ...(await checkQueue(store)),
    ...(await checkTrust(store)),
    ...(await checkUse(store, snapshot)),
    ...checkIds(store, snapshot),
    ...(await checkAgreement(store, snapshot)),
    ...checkPlaces(store, snapshot),
  ];
}

function branchOf(store: MemoryStore): string {
  return store.repository.ref.replace("refs/heads/", "");
}

/** The files whose text git lacks or can't read, which keep the whole store from being opened. */
async function lostFiles(store: MemoryStore): Promise<Finding[]> {
  const tip = await store.repository.tip();
  if (tip === null) return [];
  const lost: Finding[] = [];
  for (const { path, blob } of (await store.repository.tree(tip)).folders.flatMap(({ files }) => files)) {
    try {
      // One at a time: git stops at an object that is damaged, and would leave what was asked along with it unanswered.
      await store.repository.blobs([blob]);
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      const file = `objects/${blob.slice(0, 2)}/${blob.slice(2)}`;
      lost.push(
        problem(
          "lost-file",
          `git lacks the text of ${spelledLine(path)}, or can't read it (object ${blob}).`,
          `Nothing was changed. If ${file} is in the git folder, it is damaged: remove it. Then fetch the branch from a clone that has the text (git fetch --refetch REMOTE ${branchOf(store)}). If none has, see docs/doctor.md.`,
        ),
      );
    }
  }
  return lost;
}

/** What stands on the branch and is kept out of every prompt, which only this says of it. */
async function checkUse(store: MemoryStore, snapshot: Snapshot): Promise<Finding[]> {
  const refused = await notInUse(store, snapshot);
  return [...snapshot.memories()].flatMap(({ id, title, blob }) => {
    const why = refused.get(blob);
    if (why === undefined) return [];
    return [
      notice(
        "not-in-use",
        `${spelledLine(title)} (${id}) is recalled for nobody. ${why}`,
        `Confirm it in the editor, or end it: git memory expire ${id} --cause wrong`,
      ),
    ];
  });
}

async function checkMode(store: MemoryStore): Promise<Finding[]> {
  const mode = await store.mode();
  if (mode === "full") return [];
  return [
    notice(
      "mode",
      `Memory is ${mode} in the ${store.label} store, so agents ${mode === "off" ? "neither read nor write it" : "read it and can't write it"}.`,
      "A person can change that in the editor's status bar.",
    ),
  ];
}

async function checkPolicy(store: MemoryStore): Promise<Finding[]> {
  const { problems, readOnly, format } = await store.policy();
  if (problems.length === 0)
    return [ok("policy", `policy.yaml of the ${store.label} store is of format ${format} and readable.`)];
  const advice = readOnly ? "Until then the store is read and never written." : "Until then the defaults are in force.";
  return problems.map(({ code, line, message }) =>
    problem(code === "newer-format" ? "newer-format" : "policy", `policy.yaml, line ${line}: ${message}`, advice),
  );
}

function checkFiles(store: MemoryStore, snapshot: Snapshot): Finding[] {
  const broken = [...snapshot.broken()];
  if (broken.length === 0) return [ok("files", `Every memory of the ${store.label} store can be read.`)];
  return broken.flatMap(({ path, problems }) =>
    problems.map(({ line, message }) =>
      problem(
        "broken-file",
        `${path}, line ${line}: ${message}`,
        "Mend the file, or expire it by its path. Nothing else is affected.",
      ),
    ),
  );
}

/** What can't be read waits for nobody, and nobody would miss it. */
async function checkQueue(store: MemoryStore): Promise<Finding[]> {
  const unreadable = (await store.quarantine?.unreadable()) ?? [];
  return unreadable.map((message) =>
    problem(
      "review-queue",
      message,
      "Nothing else is affected, and nothing of it is believed. Ask who pushed or wrote it, and remove it from the ref.",
    ),
  );
}

function checkPlaces(store: MemoryStore, snapshot: Snapshot): Finding[] {
  const findings: Finding[] = [];
  for (const folder of snapshot.folders.values()) {
    for (const path of folder.others.keys()) {
      if (path.endsWith(".md") && !NOT_MEMORIES.test(path)) {
        findings.push(
          notice(
            "unread-file",
            `${path} of the ${store.label} store is not read.`,
            "Memories are in semantic/ and episodic/; move it there if it is one.",
          ),
        );
      }
    }
    for (const [path, file] of folder.byPath) {
      const wanted = isBroken(file) ? null : folderFor(file.front.type);
      if (wanted === null || path.startsWith(wanted)) continue;
      findings.push(
        notice(
          "folder",
          `${path} of the ${store.label} store lies outside ${wanted}, where others of its type are.`,
          "It is read all the same; move it if people are to find it.",
        ),
      );
    }
  }
  return findings;
}

function folderFor(type: string): string {
  return type === "Episode" ? "episodic/" : `semantic/${slugOf(type, "other")}/`;
}
