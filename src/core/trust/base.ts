/**
 * The trusted base: the commit whose rules say who may vouch for a claim. It is the tip of the team's branch as this program
 * fetched it, or what a person pinned in the editor; never the branch at hand, to which anybody with a shell can commit.
 */
import { GestureNeededError, NoStoreError, TeamRemoteError } from "../errors.ts";
import { jsonOf } from "../json.ts";
import type { Instant, ObjectId } from "../memory/model.ts";
import { POLICY_FILE, readPolicy } from "../memory/policy.ts";
import { isInstant, instantOf } from "../memory/time.ts";
import { isMemoryPath } from "../memory/parse.ts";
import type { AllowedSigners, Environment, LocalState, StoreRepository, TeamRemote } from "../ports.ts";
import type { Caller } from "../proposal.ts";
import { withoutCredentials } from "./server-address.ts";

/** Who may sign, in OpenSSH's format, as `gpg.ssh.allowedSignersFile` has it. */
export const SIGNERS_FILE = "allowed_signers";
/** The same for OpenPGP: their public keys. */
export const KEYS_FILE = "allowed_keys.asc";

export interface TrustedBase {
  readonly commit: ObjectId;
  /** When it was fetched or pinned. */
  readonly at: Instant;
  readonly via: "remote" | "person";
  /** Where it was fetched from, or what the remote's address was when a person pinned it. */
  readonly address: string | null;
  /** Versions that this user brought to the team's branch: what one pushes oneself has not arrived from the team. */
  readonly own: readonly ObjectId[];
}

/** What the trusted base says. */
export interface BaseRules {
  readonly base: TrustedBase | null;
  readonly signers: AllowedSigners;
  /** `policy.yaml` as the base has it; null where there is none. */
  readonly policy: Uint8Array | null;
  /** The versions on the team's branch that others brought there; null where arriving there is no evidence. */
  readonly arrived: ReadonlySet<ObjectId> | null;
  /** The base is known and its commit is not in this repository any more. */
  readonly lost: boolean;
}

export interface BaseParts {
  readonly repository: Pick<StoreRepository, "resolve" | "blobAt" | "blobs" | "tree" | "committer" | "tip" | "log">;
  /** Of this user and this store, outside the repository. */
  readonly state: LocalState;
  readonly remote: TeamRemote;
  readonly environment: Environment;
}

const FILE = "base.json";
const NO_SIGNERS: AllowedSigners = { ssh: null, gpg: null };

/** What a person is asked to trust. */
export interface Proposed {
  readonly commit: ObjectId;
  readonly signers: AllowedSigners;
  readonly address: string | null;
}

/** What a fetch came to. */
export interface Fetched {
  readonly address: string;
  readonly commit: ObjectId;
  readonly before: ObjectId | null;
  /** The server's branch no longer holds what was there before. */
  readonly rewritten: boolean;
}

export class Base {
  readonly #parts: BaseParts;
  #rules: BaseRules | undefined;

  constructor(parts: BaseParts) {
    this.#parts = parts;
  }

  async read(): Promise<TrustedBase | null> {
    const bytes = await this.#parts.state.read(FILE);
    // What can't be read is trusted by nobody; the next fetch or gesture writes it anew.
    const base = bytes === null ? null : jsonOf(new TextDecoder().decode(bytes), isBase);
    return base === null || base.address === null ? base : { ...base, address: withoutCredentials(base.address) };
  }

  /** The rules at the trusted base. Without one nobody's signature counts. */
  async rules(): Promise<BaseRules> {
    const base = await this.read();
    const known = this.#rules;
    if (known !== undefined && known.base?.commit === base?.commit && known.base?.at === base?.at) return known;
    this.#rules =
      base === null
        ? { base, signers: NO_SIGNERS, policy: null, arrived: null, lost: false }
        : await this.#rulesAt(base);
    return this.#rules;
  }

  /**
   * Asks the team's server what its branch holds, and trusts that from now on. Throws TeamRemoteError where there is no
   * remote or its address is another than before, NoStoreError where it has no memory branch, GitError where it can't be reached.
   */
  async fetch(): Promise<Fetched> {
    const { remote } = this.#parts;
    const address = await remote.address();
    if (address === null)
      throw new TeamRemoteError("This repository has no remote named origin, so there is no team's branch to fetch.");
    const before = await this.read();
    if (before !== null && before.address !== null && before.address !== address)
      throw new TeamRemoteError(
        `The remote's address was ${before.address} and is ${address} now. If that is right, a person can trust it in the editor: Memory: Trust This Store's Signers.`,
      );
    const commit = await remote.fetch();
    if (commit === null) throw new NoStoreError(`${address} has no memory branch yet. Push yours to start it.`);
    return this.fetched(address, commit);
  }

  /**
   * Trusts a commit that this program itself has just fetched from the team's server, or brought there. Throws
   * TeamRemoteError where it holds no memory store.
   */
  async fetched(address: string, commit: ObjectId): Promise<Fetched> {
    const { repository, remote, environment } = this.#parts;
    const before = await this.read();
    if ((await repository.blobAt(commit, POLICY_FILE)) === null)
      throw new TeamRemoteError(
        `The branch at ${address} has no policy.yaml, so it is no memory store. Nothing was trusted.`,
      );
    const since = before?.via === "remote" ? before.commit : null;
    const grown = since !== null && (await this.#isWithin(since, commit));
    const me = await repository.committer();
    const own = await remote.broughtBy(me, grown ? since : null, commit);
    await this.#write({
      commit,
      at: instantOf(environment.now()),
      via: "remote",
      address,
      own: [...new Set([...(grown ? (before?.own ?? []) : []), ...own])],
    });
    return { address, commit, before: before?.commit ?? null, rewritten: since !== null && !grown };
  }

  /** What pinning would trust: the rules and signers at the tip. Throws NoStoreError. */
  async proposed(): Promise<Proposed> {
    const commit = await this.#parts.repository.tip();
    if (commit === null) throw new NoStoreError("There is no memory store here yet, so there is nobody to trust.");
    return { commit, signers: await this.#signersAt(commit), address: await this.#parts.remote.address() };
  }

  /**
   * Trusts the rules and signers that a person was shown; by default those at the tip. Throws GestureNeededError where the
   * caller's door proves no person.
   */
  async pin(caller: Caller, shown?: Proposed): Promise<TrustedBase> {
    if (caller.gesture !== true)
      throw new GestureNeededError(
        "Only a person can say whose signatures count, in the editor: Memory: Trust This Store's Signers.",
      );
    const { commit, address } = shown ?? (await this.proposed());
    const at = instantOf(this.#parts.environment.now());
    const base: TrustedBase = { commit, at, via: "person", address, own: [] };
    await this.#write(base);
    return base;
  }

  async #write(base: TrustedBase): Promise<void> {
    await this.#parts.state.write(FILE, new TextEncoder().encode(`${JSON.stringify(base)}\n`));
  }

  async #isWithin(older: ObjectId, newer: ObjectId): Promise<boolean> {
    const { repository } = this.#parts;
    if ((await repository.resolve(older)) === null) return false;
    return (await repository.log({ from: older, until: newer, limit: 1 })).length === 0;
  }

  async #rulesAt(base: TrustedBase): Promise<BaseRules> {
    const { repository } = this.#parts;
    if ((await repository.resolve(base.commit)) === null)
      return { base, signers: NO_SIGNERS, policy: null, arrived: null, lost: true };
    const [policy, signers] = await Promise.all([this.#file(base.commit, POLICY_FILE), this.#signersAt(base.commit)]);
    const { trust, readOnly } = readPolicy(policy ?? new Uint8Array());
    const counts = base.via === "remote" && !readOnly && trust.remote;
    return {
      base,
      signers,
      policy,
      arrived: counts ? await this.#arrived(base) : null,
      lost: false,
    };
  }

  async #signersAt(commit: ObjectId): Promise<AllowedSigners> {
    const [ssh, gpg] = await Promise.all([this.#file(commit, SIGNERS_FILE), this.#file(commit, KEYS_FILE)]);
    return { ssh, gpg };
  }

  async #file(commit: ObjectId, path: string): Promise<Uint8Array | null> {
    const { repository } = this.#parts;
    const blob = await repository.blobAt(commit, path);
    const [bytes] = blob === null ? [] : await repository.blobs([blob]);
    return bytes ?? null;
  }

  async #arrived({ commit, own }: TrustedBase): Promise<ReadonlySet<ObjectId>> {
    const { folders } = await this.#parts.repository.tree(commit);
    const arrived = new Set(
      folders.flatMap(({ files }) => files.filter(({ path }) => isMemoryPath(path)).map(({ blob }) => blob)),
    );
    for (const blob of own) arrived.delete(blob);
    return arrived;
  }
}

function isBase(value: unknown): value is TrustedBase {
  if (typeof value !== "object" || value === null) return false;
  const { commit, at, via, address, own } = value as Partial<Record<keyof TrustedBase, unknown>>;
  return (
    typeof commit === "string" &&
    /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(commit) &&
    typeof at === "string" &&
    isInstant(at) &&
    (via === "remote" || via === "person") &&
    (address === null || typeof address === "string") &&
    Array.isArray(own) &&
    own.every((id) => typeof id === "string")
  );
}
