/** A conflict as a document: both texts in one, to be edited and saved. Saving decides it for the plan; it stores nothing yet. */
import { commands, Uri, type Disposable } from "vscode";
import { isBroken } from "../../core/memory/model.ts";
import { readMemory } from "../../core/memory/parse.ts";
import { DecidingDocuments } from "../documents/deciding.ts";

const CONFLICT_SCHEME = "memory-conflict";

interface Conflict {
  readonly path: string;
  readonly decide: (bytes: Uint8Array) => void;
}

export class Conflicts implements Disposable {
  readonly #documents = new DecidingDocuments<Conflict>({
    scheme: CONFLICT_SCHEME,
    save: async (conflict, content) => decided(conflict, content),
    refusals: {
      savedByItself: "Saving this decides the conflict, so it is not saved by itself. Save it yourself.",
      newFolder: "Only conflicts are here.",
      delete: "Close it to leave the memory as it is.",
      rename: "A conflict keeps its name.",
    },
    lost: "That conflict was left. Ask for the revert again.",
  });
  #count = 0;

  /** @param decide is given the text that the person saved. */
  async open(path: string, merged: Uint8Array, decide: (bytes: Uint8Array) => void): Promise<Uri> {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const uri = Uri.from({ scheme: CONFLICT_SCHEME, path: `/${++this.#count}/${name}` });
    this.#documents.begin(uri, { path, decide }, merged);
    await commands.executeCommand("vscode.open", uri, { preview: false });
    return uri;
  }

  dispose(): void {
    this.#documents.dispose();
  }
}

function decided({ path, decide }: Conflict, content: Uint8Array): string | null {
  if (/^(?:<{7}|={7}|>{7})(?: |$)/m.test(new TextDecoder().decode(content)))
    return "The marks of the conflict are still there. Keep what is true between them, take the marks out, and save.";
  const file = readMemory(path, "", content);
  if (isBroken(file))
    return `Line ${file.problems[0]?.line ?? 1}: ${file.problems[0]?.message ?? "It can't be read as a memory."}`;
  decide(content);
  return null;
}
