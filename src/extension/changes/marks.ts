/** What a person has come to on each row of a review, kept with the workspace and about exactly what was shown. */
import type { Memento } from "vscode";
import type { Decision } from "../../core/view/reviewed-change.ts";

/** Which review: the store and the two names that are compared. */
export type Pair = string;

interface Mark {
  readonly decision: Decision;
  /** The versions that it is about. */
  readonly of: string;
}

type Marks = Readonly<Record<string, Mark>>;
type Kept = readonly (readonly [pair: Pair, marks: Marks])[];

const STATE_KEY = "commitToMemory.changeMarks";
/** Reviews that are remembered, the newest last. */
const MOST_PAIRS = 20;

export class ChangeMarks {
  readonly #state: Memento;

  constructor(state: Memento) {
    this.#state = state;
  }

  /** Null where nothing was decided, or something else was shown then. */
  of(pair: Pair, row: string, versions: string): Decision | null {
    const mark = new Map(this.#kept()).get(pair)?.[row];
    return mark?.of === versions ? mark.decision : null;
  }

  /** Null takes the mark away. */
  async set(pair: Pair, row: string, versions: string, decision: Decision | null): Promise<void> {
    const kept = this.#kept();
    const { [row]: _gone, ...others } = new Map(kept).get(pair) ?? {};
    const marks: Marks = decision === null ? others : { ...others, [row]: { decision, of: versions } };
    const rest = kept.filter(([one]) => one !== pair);
    await this.#state.update(STATE_KEY, [...rest, [pair, marks] as const].slice(-MOST_PAIRS));
  }

  #kept(): Kept {
    return this.#state.get<Kept>(STATE_KEY, []);
  }
}
