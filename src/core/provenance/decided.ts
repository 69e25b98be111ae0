/** What a person decided in a conflict, as it may be stored. */
import { editMemory } from "../memory/edit.ts";
import { isBroken } from "../memory/model.ts";
import { readMemory } from "../memory/parse.ts";

/**
 * The words are the person's; where they came from is the program's to say. So the stamp is that of the version there now:
 * the older one may have been trusted more, and what is decided between the two is not what was trusted.
 */
export function decidedBytes(path: string, now: Uint8Array | null, decided: Uint8Array): Uint8Array {
  const [there, file] = [now === null ? null : readMemory(path, "", now), readMemory(path, "", decided)];
  if (there === null || isBroken(there) || isBroken(file)) return decided;
  const { origin } = there.front;
  if (origin === undefined || JSON.stringify(origin) === JSON.stringify(file.front.origin)) return decided;
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(decided);
  return new TextEncoder().encode(editMemory(text, { origin }));
}
