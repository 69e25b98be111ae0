/** The signed approvals of a snapshot, each checked once: the answer is kept by the signature's and the signers' bytes. */
import { createHash } from "node:crypto";
import type { ObjectId } from "../memory/model.ts";
import type { AllowedSigners, LocalState, SignatureAnswer, SignatureVerifier, StoreRepository } from "../ports.ts";
import type { Snapshot } from "../snapshot.ts";
import { APPROVALS_FOLDER, isApprovalPath, readApproval, type SignedApproval } from "./signed-approval.ts";

/** A file under `approvals/` and what it is worth. */
export interface CheckedApproval {
  readonly path: string;
  /** Null: it is none of this format. */
  readonly approval: SignedApproval | null;
  readonly answer: SignatureAnswer | "unreadable" | "no-signers";
}

const FILE = "signatures";
/** The log is begun anew past this size, in bytes: what is forgotten is checked again. */
const MOST_BYTES = 4_000_000;
/** Processes at a time. */
const AT_ONCE = 8;

const NONE: readonly CheckedApproval[] = [];

export class Signatures {
  readonly #repository: Pick<StoreRepository, "blobs">;
  readonly #verifier: SignatureVerifier;
  /** Outside the repository, or a repository could bring answers along. */
  readonly #state: LocalState;
  #answers: Promise<Map<string, SignatureAnswer>> | undefined;
  #known: { readonly key: string; readonly checked: readonly CheckedApproval[] } = { key: "", checked: [] };

  constructor(parts: {
    readonly repository: Pick<StoreRepository, "blobs">;
    readonly verifier: SignatureVerifier;
    readonly state: LocalState;
  }) {
    this.#repository = parts.repository;
    this.#verifier = parts.verifier;
    this.#state = parts.state;
  }

  async of(snapshot: Snapshot, signers: AllowedSigners): Promise<readonly CheckedApproval[]> {
    const folders = [...snapshot.folders.values()].filter(
      ({ path }) => path === APPROVALS_FOLDER || path.startsWith(`${APPROVALS_FOLDER}/`),
    );
    const files = folders.flatMap(({ others }) => [...others].filter(([path]) => isApprovalPath(path)));
    if (files.length === 0) return NONE;
    const digest = digestOf(signers);
    const key = [digest, ...folders.map(({ tree }) => tree)].join(" ");
    if (key !== this.#known.key) {
      const checked = await this.#check(files, signers, digest);
      // What could not be told yet is asked again.
      if (checked.some(({ answer }) => answer === "unavailable")) return checked;
      this.#known = { key, checked };
    }
    return this.#known.checked;
  }

  /** What one approval is worth. */
  async answer(approval: SignedApproval, signers: AllowedSigners): Promise<CheckedApproval["answer"]> {
    return this.#answer(approval, signers, digestOf(signers));
  }

  async #check(
    files: readonly (readonly [string, ObjectId])[],
    signers: AllowedSigners,
    digest: string,
  ): Promise<CheckedApproval[]> {
    const bytes = await this.#repository.blobs(files.map(([, blob]) => blob));
    const checked: CheckedApproval[] = [];
    for (let start = 0; start < files.length; start += AT_ONCE) {
      const some = files.slice(start, start + AT_ONCE).map(async ([path], i): Promise<CheckedApproval> => {
        const approval = readApproval(bytes[start + i] ?? new Uint8Array());
        if (approval === null) return { path, approval, answer: "unreadable" };
        return { path, approval, answer: await this.#answer(approval, signers, digest) };
      });
      checked.push(...(await Promise.all(some)));
    }
    return checked;
  }

  async #answer(approval: SignedApproval, signers: AllowedSigners, digest: string): Promise<CheckedApproval["answer"]> {
    const { payload, armor, by, at } = approval;
    const isSsh = armor.startsWith("-----BEGIN SSH");
    if ((isSsh ? signers.ssh : signers.gpg) === null) return "no-signers";
    const key = createHash("sha256").update(digest).update(payload).update(armor).digest("hex");
    const answers = await (this.#answers ??= this.#load());
    const known = answers.get(key);
    if (known !== undefined) return known;
    const answer = await this.#verifier.verify({ payload, armor, by, at, signers });
    if (answer !== "unavailable") {
      answers.set(key, answer);
      await this.#state.append(FILE, `${key} ${answer}`);
    }
    return answer;
  }

  async #load(): Promise<Map<string, SignatureAnswer>> {
    const bytes = await this.#state.read(FILE);
    if (bytes !== null && bytes.length > MOST_BYTES) await this.#state.remove(FILE);
    const lines = bytes === null || bytes.length > MOST_BYTES ? [] : new TextDecoder().decode(bytes).split("\n");
    return new Map(
      lines.flatMap((line): [string, SignatureAnswer][] => {
        const match = /^([0-9a-f]{64}) (valid|unknown-signer|bad)$/.exec(line);
        return match?.[1] === undefined ? [] : [[match[1], match[2] as SignatureAnswer]];
      }),
    );
  }
}

function digestOf({ ssh, gpg }: AllowedSigners): string {
  const hash = createHash("sha256");
  for (const bytes of [ssh, gpg])
    hash.update(bytes === null ? "-" : `${bytes.length}:`).update(bytes ?? new Uint8Array());
  return hash.digest("hex");
}
