/** Tries something in the background, each second, until it is done. Keeps no process from ending. */

/** In milliseconds. */
const EVERY_MS = 1_000;

export class Retry {
  readonly #attempt: () => Promise<boolean>;
  #timer: NodeJS.Timeout | undefined;
  #trying: Promise<unknown> | undefined;

  /** @param attempt whether it is done; where it throws, the next moment may be a better one */
  constructor(attempt: () => Promise<boolean>) {
    this.#attempt = attempt;
  }

  /** Of no effect while it is at it. */
  start(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => {
      this.#trying ??= this.#once().finally(() => {
        this.#trying = undefined;
      });
    }, EVERY_MS);
    this.#timer.unref();
  }

  /** Returns once nothing of it goes on. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#trying;
  }

  async #once(): Promise<void> {
    if (!(await this.#attempt().catch(() => false))) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
