/** What the signatures and the shared branch of one store are checked with. */
import type { Environment, LocalState, SignatureVerifier, StoreRepository, TeamRemote } from "../ports.ts";
import { Quarantine } from "../review/quarantine.ts";
import { Base } from "./base.ts";
import { Signatures } from "./signatures.ts";

export interface TeamParts {
  /** Of this user and this store, in the user's data directory: no repository can bring its own. */
  readonly state: LocalState;
  readonly remote: TeamRemote;
  readonly verifier: SignatureVerifier;
  /** The queue that is shared on the server, as it was fetched last. */
  readonly queue: StoreRepository;
}

export class Team {
  readonly base: Base;
  /** As in `TeamParts`. */
  readonly state: LocalState;
  readonly signatures: Signatures;
  readonly remote: TeamRemote;
  readonly queue: Quarantine;

  constructor(
    { state, remote, verifier, queue }: TeamParts,
    { repository, environment }: { readonly repository: StoreRepository; readonly environment: Environment },
  ) {
    this.state = state;
    this.remote = remote;
    this.queue = new Quarantine(queue, environment);
    this.base = new Base({ repository, state, remote, environment });
    this.signatures = new Signatures({ repository, verifier, state });
  }

  async dispose(): Promise<void> {
    await this.queue.dispose();
  }
}
