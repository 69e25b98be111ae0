/** Reads objects through one long-lived `git cat-file --batch-command`: packs, alternates and partial clones are git's business. */
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import type { ObjectId } from "../../core/memory/model.ts";
import { GitError } from "../../core/errors.ts";
import { explanationOf, type GitCommand, keepAlive } from "../git-command.ts";

export interface FoundObject {
  readonly id: ObjectId;
  readonly kind: string;
  /** In bytes. */
  readonly size: number;
  readonly content: Buffer;
}

interface Waiting {
  readonly withContent: boolean;
  readonly resolve: (found: FoundObject | null) => void;
  readonly reject: (error: Error) => void;
}

/** An idle process is ended after this many milliseconds, so that an open editor keeps none for nothing. */
const IDLE_MS = 60_000;

export class ObjectReader {
  readonly #git: GitCommand;
  readonly #config: readonly string[];
  #child: ChildProcessWithoutNullStreams | undefined;
  #waiting: Waiting[] = [];
  /** Questions of this turn that are not sent yet. */
  #unsent = "";
  #chunks: Buffer[] = [];
  #length = 0;
  /** What the current answer still needs before it is whole. */
  #needed = 0;
  #idle: NodeJS.Timeout | undefined;
  #ending: Promise<void> | undefined;

  /** @param config options of git itself, such as `-c name=value` */
  constructor(git: GitCommand, config: readonly string[] = []) {
    this.#git = git;
    this.#config = config;
  }

  /** An object by any name that git understands, or null where there is none. */
  async read(name: string): Promise<FoundObject | null> {
    return this.#ask("contents", name);
  }

  /** The id that a name stands for, or null. */
  async resolve(name: string): Promise<ObjectId | null> {
    return (await this.#ask("info", name))?.id ?? null;
  }

  /** What an object is and how large, or null. */
  async look(name: string): Promise<Omit<FoundObject, "content"> | null> {
    return this.#ask("info", name);
  }

  /** Ends the process once it has answered. A question that comes meanwhile waits, and starts another. */
  async dispose(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return this.#ending;
    clearTimeout(this.#idle);
    keepAlive(child, true);
    this.#send(child);
    this.#ending ??= new Promise<void>((resolve) => child.once("close", () => resolve())).finally(() => {
      this.#ending = undefined;
    });
    child.stdin.end();
    return this.#ending;
  }

  async #ask(command: "contents" | "info", name: string): Promise<FoundObject | null> {
    if (/[\n\0]/.test(name)) return null;
    if (this.#ending !== undefined) await this.#ending;
    const child = (this.#child ??= this.#start());
    clearTimeout(this.#idle);
    if (this.#waiting.length === 0) keepAlive(child, true);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ withContent: command === "contents", resolve, reject });
      // What is asked in one go is sent in one go.
      if (this.#unsent === "") process.nextTick(() => this.#send(child));
      this.#unsent += `${command} ${name}\n`;
    });
  }

  #send(child: ChildProcessWithoutNullStreams): void {
    if (this.#child !== child || this.#unsent === "") return;
    child.stdin.write(this.#unsent);
    this.#unsent = "";
  }

  #start(): ChildProcessWithoutNullStreams {
    const child = this.#git.start([...this.#config, "cat-file", "--batch-command"]);
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => this.#take(chunk));
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString("utf8");
    });
    child.stdin.on("error", () => undefined);
    let isOver = false;
    const ended = (message: string): void => {
      // One that could not be started says so twice, and by the second time the questions are those of the next one.
      if (isOver) return;
      isOver = true;
      if (this.#child === child) this.#child = undefined;
      const waiting = this.#waiting;
      this.#waiting = [];
      this.#unsent = "";
      this.#chunks = [];
      this.#length = 0;
      this.#needed = 0;
      for (const one of waiting) one.reject(explanationOf(message) ?? new GitError(`git cat-file ended: ${message}`));
    };
    child.once("error", (error) => ended(error.message));
    child.once("close", () => ended(said.trim() || "it was stopped"));
    return child;
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length < this.#needed) return;
    let buffer = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    for (;;) {
      const next = this.#waiting[0];
      const taken = next === undefined ? null : answerIn(buffer, next.withContent);
      if (next === undefined || taken === null || "needed" in taken) {
        this.#needed = taken !== null && "needed" in taken ? taken.needed : 0;
        break;
      }
      this.#waiting.shift();
      next.resolve(taken.found);
      buffer = buffer.subarray(taken.length);
    }
    this.#chunks = buffer.length === 0 ? [] : [buffer];
    this.#length = buffer.length;
    if (this.#waiting.length === 0 && this.#ending === undefined) {
      if (this.#child !== undefined) keepAlive(this.#child, false);
      this.#idle = setTimeout(() => void this.dispose(), IDLE_MS);
      this.#idle.unref();
    }
  }
}

/** The first whole answer in the buffer; null while its head line is not there, `needed` while its content isn't. */
function answerIn(
  buffer: Buffer,
  withContent: boolean,
): { found: FoundObject | null; length: number } | { needed: number } | null {
  const end = buffer.indexOf(0x0a);
  if (end < 0) return null;
  const head = buffer.toString("utf8", 0, end);
  const match = /^([0-9a-f]{40,64}) ([a-z]+) (\d+)$/.exec(head);
  if (match === null) return { found: null, length: end + 1 };
  const [, id = "", kind = "", size = "0"] = match;
  if (!withContent) return { found: { id, kind, size: Number(size), content: Buffer.alloc(0) }, length: end + 1 };
  const length = end + 1 + Number(size) + 1;
  if (buffer.length < length) return { needed: length };
  return {
    found: { id, kind, size: Number(size), content: Buffer.from(buffer.subarray(end + 1, length - 1)) },
    length,
  };
}
