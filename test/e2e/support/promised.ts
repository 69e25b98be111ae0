/** Times that the product promises, measured so that they hold on a busy machine and on a free one. */

const WORK_MS = 100;

/** How many times longer than its processor time a process that only computes takes here and now; 1 where the machine is free. */
function slowdown(): number {
  const start = performance.now();
  const before = process.cpuUsage();
  const used = (): number => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  while (used() < WORK_MS);
  return Math.max(1, (performance.now() - start) / used());
}

/**
 * Does something and waits until it is seen. A promise is about a machine that has time for it: where other programs leave
 * a process only half a core, everything takes twice as long. How much they leave is measured in the same run, right
 * before and right after, and taken out of the time.
 * @returns what the act gave, and the milliseconds from its end to its sight
 */
export async function timeToSee<T>(
  act: () => Promise<T>,
  sight: () => Promise<unknown>,
): Promise<{ readonly done: T; readonly milliseconds: number }> {
  const before = slowdown();
  const done = await act();
  const start = performance.now();
  await sight();
  const took = performance.now() - start;
  const factor = Math.max(before, slowdown());
  console.log(`Seen after ${Math.round(took)} ms, on a machine that is ${factor.toFixed(1)} times slower than free.`);
  return { done, milliseconds: took / factor };
}
