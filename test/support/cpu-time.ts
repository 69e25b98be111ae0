/** The processor time that work takes here, in milliseconds: other processes hardly change it, as they do the time of day. */
export function cpuMilliseconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
