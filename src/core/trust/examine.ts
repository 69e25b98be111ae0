/** Whom a store trusts, in sentences: whose signatures count and why, and everything that looks like an approval and is none. */
import type { MemoryStore } from "../store.ts";
import { KEYS_FILE, SIGNERS_FILE } from "./base.ts";
import { doubtOfFile } from "./evidence.ts";

export interface TrustFinding {
  readonly check: "trusted-base" | "rules" | "rejections" | "signers" | "team-branch" | "approval";
  readonly level: "ok" | "notice";
  readonly message: string;
  readonly advice: string | null;
}

/** More doubtful approvals are counted, not named. */
const MOST_NAMED = 20;

export async function examineTrust(store: MemoryStore): Promise<readonly TrustFinding[]> {
  const base = store.team === null ? [] : [...(await ofBase(store)), ...(await ofBranch(store))];
  return [...base, ...(await ofRules(store)), ...(await ofRejections(store)), ...(await ofApprovals(store))];
}

async function ofRejections(store: MemoryStore): Promise<TrustFinding[]> {
  const lost = await store.graves.lost(await store.snapshot());
  return lost.map(({ path }) =>
    notice(
      "rejections",
      `${path} was taken out by nobody whose word counts here, so what it keeps out is still kept out.`,
      "A person decides on it in the editor, under Needs you: to overrule the rejection, or to put the file back.",
    ),
  );
}

async function ofRules(store: MemoryStore): Promise<TrustFinding[]> {
  const { unvouched } = await store.rulesAt(await store.snapshot());
  return unvouched === null
    ? []
    : [
        notice(
          "rules",
          "policy.yaml was changed and nobody has vouched for that, so where it is milder than before it is not in force.",
          "`git memory queue` shows what it would change. A person accepts it in the editor, or with a signature.",
        ),
      ];
}

async function ofBase({ team, repository, label }: MemoryStore): Promise<TrustFinding[]> {
  if (team === null) return [];
  const { base, signers, lost } = await team.base.rules();
  const tip = await repository.tip();
  const listed =
    tip !== null &&
    ((await repository.blobAt(tip, SIGNERS_FILE)) ?? (await repository.blobAt(tip, KEYS_FILE))) !== null;
  if (base === null || lost)
    return listed || lost
      ? [
          notice(
            "signers",
            lost
              ? "The commit whose signers were trusted is gone, so no signature counts."
              : "The store lists signers, and nobody has said here that they are to be trusted, so no signature counts.",
            "`git memory fetch` trusts the team's branch; or a person chooses Memory: Trust This Store's Signers in the editor.",
          ),
        ]
      : [];
  const findings = [
    ok(
      "trusted-base",
      `The ${label} store trusts the signers and rules of commit ${base.commit.slice(0, 9)}, ${base.via === "remote" ? `fetched from ${base.address ?? "the team's server"}` : "as a person pinned them"} on ${base.at.slice(0, 10)}.`,
    ),
  ];
  for (const [path, bytes] of [
    [SIGNERS_FILE, signers.ssh],
    [KEYS_FILE, signers.gpg],
  ] as const) {
    const blob = tip === null ? null : await repository.blobAt(tip, path);
    const [now] = blob === null ? [] : await repository.blobs([blob]);
    if (!isSame(now ?? null, bytes))
      findings.push(
        notice(
          "signers",
          `${path} differs from the trusted one. Who is only in the new one does not count yet.`,
          "It counts once it is on the team's branch and fetched, or once a person trusts it in the editor.",
        ),
      );
  }
  return findings;
}

async function ofBranch({ team }: MemoryStore): Promise<TrustFinding[]> {
  if (team === null) return [];
  const base = await team.base.read();
  const [address, recorded] = [await team.remote.address(), await team.remote.recorded()];
  if (base !== null && base.address !== null && address !== null && base.address !== address)
    return [
      notice(
        "team-branch",
        `The remote's address was ${base.address} and is ${address} now.`,
        "If that is right, a person can trust it in the editor: Memory: Trust This Store's Signers.",
      ),
    ];
  if (recorded === null || (base?.via === "remote" && base.commit === recorded)) return [];
  return [
    notice(
      "team-branch",
      "origin/agent-memory stands where this program did not fetch it. What came only with that does not count as the team's.",
      "`git memory fetch` asks the server itself.",
    ),
  ];
}

async function ofApprovals(store: MemoryStore): Promise<TrustFinding[]> {
  const snapshot = await store.snapshot();
  const view = await store.evidence(snapshot);
  const found = new Set<string>();
  for (const memory of snapshot.memories())
    for (const { message } of view.doubts(memory)) found.add(`${memory.title} (${memory.id}): ${message}`);
  for (const file of view.signed) {
    const doubt = file.approval === null || snapshot.get(file.approval.memory) === undefined ? doubtOfFile(file) : null;
    if (doubt !== null) found.add(doubt.message);
  }
  const all = [...found].map((message) => notice("approval", message, null));
  const more = all.length - MOST_NAMED;
  return more <= 0
    ? all
    : [...all.slice(0, MOST_NAMED), notice("approval", `${more} more approvals count for nothing.`, null)];
}

function isSame(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (a === null || b === null) return a === b;
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function ok(check: TrustFinding["check"], message: string): TrustFinding {
  return { check, level: "ok", message, advice: null };
}

function notice(check: TrustFinding["check"], message: string, advice: string | null): TrustFinding {
  return { check, level: "notice", message, advice };
}
