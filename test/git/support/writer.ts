/** A process that writes to a store, one line of JSON for each acknowledged write. `writer.ts FOLDER DATA NAME COUNT [ID READ]` */
import { openStores } from "../../../src/git/open.ts";
import { scanText } from "../../../src/core/gate/gate.ts";
import { ConflictError } from "../../../src/core/errors.ts";
import { addMemory, updateMemory } from "../../../src/core/verbs.ts";

const [folder = "", dataDirectory = "", name = "", count = "0", id, read] = process.argv.slice(2);
const act = { caller: { channel: "cli", actor: name, trust: "agent" }, reason: "Many writers." } as const;
const { project } = await openStores({ folder, dataDirectory });
if (project === null) throw new Error(`${folder} is in no repository`);
await project.snapshot();
// The gate compiles its rules with the first text that it reads, which is not what is timed here.
scanText("A first text.");
process.stdout.write("ready\n");

if (id !== undefined && read !== undefined) {
  // Waits for the signal to go, so that both writers start from the same version at once.
  await new Promise((resolve) => process.stdin.once("data", resolve));
  const outcome = await updateMemory(project, id, { body: `Written by ${name}.` }, { ...act, read }).then(
    (written) => written.commit,
    (error: unknown) => {
      if (error instanceof ConflictError) return "conflict";
      throw error;
    },
  );
  process.stdout.write(`${outcome}\n`);
} else {
  for (let n = 0; n < Number(count); n++) {
    const written = await addMemory(project, { type: "Fact", title: `Claim ${n} of ${name}`, body: `Body ${n}.` }, act);
    process.stdout.write(`${written.commit} ${written.memories[0]?.id ?? ""}\n`);
  }
}
await project.dispose();
process.stdin.destroy();
