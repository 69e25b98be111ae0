/** What can go wrong at a step, and which faults a run tries. */

/** What a step does: makes something new, writes bytes, changes what is there, starts a process, or tells one something. */
export type StepKind = "make" | "write" | "change" | "spawn" | "line";

const FAULTS = {
  /** The whole process group is killed before the step, after it, or while git is at it. */
  make: ["kill", "ENOSPC", "EROFS", "EACCES", "EIO"],
  write: ["kill", "torn", "short", "ENOSPC", "EIO"],
  change: ["kill", "EROFS", "EACCES", "EIO", "kill-after"],
  spawn: ["kill", "kill-after", "kill-late", "no-process", "git-dies"],
  line: ["kill", "kill-after", "kill-late", "git-dies"],
} as const satisfies Readonly<Record<StepKind, readonly string[]>>;

/** The clock jumps some hours on, or many years back, at any step. */
const CLOCK = ["clock-forward", "clock-back"] as const;

export type FaultKind = (typeof FAULTS)[StepKind][number] | (typeof CLOCK)[number];

export interface Step {
  readonly kind: StepKind;
  readonly label: string;
}

export interface Fault {
  /** 1-based. */
  readonly step: number;
  readonly kind: FaultKind;
  readonly label: string;
  /** Milliseconds until a late kill. */
  readonly delay: number;
}

/** Small and seeded (mulberry32), so that a run can be repeated. */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Every fault at every step. */
export function allFaults(steps: readonly Step[], random: () => number): Fault[] {
  return steps.flatMap(({ kind, label }, i) => {
    const clock = CLOCK[Math.floor(random() * CLOCK.length)] ?? CLOCK[0];
    return [...FAULTS[kind], clock].map((fault) => ({ step: i + 1, kind: fault, label, delay: random() * 4 }));
  });
}

/** At most so many: first each kind of step with each kind of fault once, then others by chance. */
export function sample(faults: readonly Fault[], most: number, random: () => number): Fault[] {
  const shuffled = faults
    .map((fault) => ({ fault, rank: random() }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ fault }) => fault);
  const seen = new Set<string>();
  const [first, rest]: [Fault[], Fault[]] = [[], []];
  for (const fault of shuffled) {
    const key = `${fault.kind} ${fault.label.split(" ").slice(0, 3).join(" ").replace(/\/.*$/, "")}`;
    (seen.has(key) ? rest : first).push(fault);
    seen.add(key);
  }
  return [...first, ...rest].slice(0, most).toSorted((a, b) => a.step - b.step);
}
