/** What a change would bring into the history though its end doesn't show it: words of commits, and what came and went again. */
import { judge } from "../gate/gate.ts";
import type { Finding } from "../gate/verdict.ts";
import type { ObjectId } from "../memory/model.ts";
import { decodeUtf8 } from "../memory/parse.ts";
import { defaultPolicy } from "../memory/policy.ts";
import type { CommitInfo } from "../ports.ts";
import type { Concern } from "./model.ts";
import { isTelling, shownPath } from "./places.ts";
import type { ReviewRepository } from "./repository.ts";

/** Versions in between that are looked through. More are said to be unread. */
const MOST_VERSIONS = 2_000;
const SHORT_COMMIT = 9;

const STRUCTURE = { ...defaultPolicy, gate: { ...defaultPolicy.gate, content: "off" as const } };

/** Whether a text holds what looks like a secret. */
export function tellsSecret(text: string): boolean {
  return structureOf(text).some(isTelling);
}

export async function commitConcerns(
  repository: ReviewRepository,
  commits: readonly CommitInfo[],
  final: ReadonlySet<ObjectId>,
  prefix: string,
): Promise<Concern[]> {
  return [...commits.flatMap(messageConcerns), ...(await passingConcerns(repository, commits, final, prefix))];
}

function messageConcerns({ commit, message }: CommitInfo): Concern[] {
  return structureOf(message).map(({ rule, verdict, forPerson }) => ({
    rule,
    level: verdict,
    path: null,
    sentence: `In the message of commit \`${commit.slice(0, SHORT_COMMIT)}\`: ${forPerson}`,
  }));
}

/** A secret that a later commit takes out is in the history all the same. */
async function passingConcerns(
  repository: ReviewRepository,
  commits: readonly CommitInfo[],
  final: ReadonlySet<ObjectId>,
  prefix: string,
): Promise<Concern[]> {
  const passing = new Map<ObjectId, { readonly path: string; readonly commit: ObjectId }>();
  for (const { commit, deltas } of commits)
    for (const { path, after } of deltas) if (after !== null && !final.has(after)) passing.set(after, { path, commit });
  const read = [...passing].slice(0, MOST_VERSIONS);
  const blobs = await repository.blobs(read.map(([blob]) => blob));
  const concerns = read.flatMap(([blob, { path, commit }]): Concern[] => {
    const text = decodeUtf8(blobs.get(blob) ?? new Uint8Array());
    const [finding] = text === null ? [] : structureOf(text).filter(isTelling);
    if (finding === undefined) return [];
    return [
      {
        rule: finding.rule,
        level: "block",
        path: prefix + shownPath(path, text ?? ""),
        sentence: `Commit \`${commit.slice(0, SHORT_COMMIT)}\` holds what looks like a secret. A later commit takes it out, but merging would keep it in the history. Squash, and change the secret where it is used.`,
      },
    ];
  });
  if (passing.size <= MOST_VERSIONS) return concerns;
  return [
    ...concerns,
    {
      rule: "size/history",
      level: "confirm",
      path: null,
      sentence: `Only the newest ${MOST_VERSIONS} of ${passing.size} versions in between were looked through for secrets. Squash the change.`,
    },
  ];
}

function structureOf(text: string): Finding[] {
  const { findings } = judge({
    files: [{ path: "<text>", bytes: new TextEncoder().encode(text), after: null, before: null }],
    caller: { channel: "sync", actor: "unknown", trust: "user" },
    operation: "update",
    reason: "",
    policy: STRUCTURE,
  });
  return findings.filter(({ verdict }) => verdict === "block");
}
