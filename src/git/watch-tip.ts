import type { ObjectId } from "../core/memory/model.ts";

/** How often the tip is looked at, in milliseconds; a change is to be seen within a second. */
const WATCH_MS = 100;

/** Calls back once at the start and then whenever a ref moved, as `StoreRepository.watch` promises. Returns the way to stop. */
export function watchTip(tip: () => Promise<ObjectId | null>, listener: () => void): () => void {
  let known: ObjectId | null | undefined;
  const look = async (): Promise<void> => {
    // An unreadable ref is news too, told once; what is wrong with it, the listener's own reading reports.
    const now = await tip().catch((error: unknown) => String(error));
    if (now !== known) listener();
    known = now;
  };
  const timer = setInterval(() => void look(), WATCH_MS);
  timer.unref();
  void look();
  return () => clearInterval(timer);
}
