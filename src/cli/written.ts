/** What a write came to, in the words of every command that writes. */
import { isBroken, type Memory } from "../core/memory/model.ts";
import type { Written } from "../core/proposal.ts";
import type { MemoryStore } from "../core/store.ts";
import { type Answer, EXIT, type Exit } from "./command.ts";
import { type Line, toned } from "./terminal.ts";
import { shortCommit } from "./words.ts";

/** @param verb the act in the past, e.g. `Added`. */
export async function answerOfWrite(
  store: MemoryStore,
  written: Written,
  verb: string,
  more: object = {},
): Promise<Answer> {
  const snapshot = await store.snapshot();
  const memories = written.memories.map(({ id, title, path, blob }) => {
    const file = snapshot.at(path);
    const expires_at = file === undefined || isBroken(file) ? null : (file.front.expires_at ?? null);
    return { id, title, path, blob, expires_at };
  });
  const { status, commit, notices } = written;
  const lines = memories.map(({ id, title, expires_at }): Line => [
    status === "waiting" ? `${verb}, waiting: ` : `${verb}: `,
    { text: title, tone: "strong" },
    { text: `  ${id}${expires_at === null ? "" : `  ends ${expires_at.slice(0, 10)}`}`, tone: "quiet" },
  ]);
  return {
    exit: exitOf(status),
    json: { status, store: written.store, commit, memories, notices, ...more },
    lines: [
      ...(lines.length === 0 ? [`${verb}.`] : lines),
      toned(
        `Commit ${shortCommit(commit)} in the ${written.store} store. Undo: git memory revert ${shortCommit(commit)}`,
        "quiet",
      ),
      ...notices.map((notice): Line => [{ text: "Note: ", tone: "warning" }, notice]),
    ],
  };
}

/** What is stored but not believed yet has an exit code of its own, so that a script can tell. */
function exitOf(status: string): Exit {
  return status === "stored" ? EXIT.done : EXIT.held;
}

/** What is there already and so was not written again. */
export function answerOfUnchanged(store: MemoryStore, memory: Memory, sentence: string): Answer {
  const { id, title, path, blob, front } = memory;
  return {
    json: {
      status: "unchanged",
      store: store.label,
      commit: null,
      memories: [{ id, title, path, blob, expires_at: front.expires_at ?? null }],
      notices: [],
    },
    lines: [sentence],
  };
}
