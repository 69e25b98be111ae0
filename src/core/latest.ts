/**
 * One reading at a time, shared by all who ask meanwhile; but who asks while one is under way gets the next one, so that no
 * answer is older than its question.
 */
export class Latest<T> {
  readonly #read: () => Promise<T>;
  #running: Promise<T> | undefined;
  #next: Promise<T> | undefined;

  constructor(read: () => Promise<T>) {
    this.#read = read;
  }

  async get(): Promise<T> {
    // It hasn't begun yet, so it is new enough; and two readings at once could end in the wrong order.
    if (this.#next !== undefined) return this.#next;
    if (this.#running === undefined) return this.#begin();
    const begin = (): Promise<T> => {
      this.#next = undefined;
      return this.#begin();
    };
    return (this.#next = this.#running.then(begin, begin));
  }

  async #begin(): Promise<T> {
    const running = this.#read().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }
}
