/** The process that things go wrong in while its writes land. `landing-actor.ts FOLDER DATA SCENARIO` */
import { execFileSync } from "node:child_process";
import path from "node:path";
import { MemoryError } from "../../src/core/errors.ts";
import type { MemoryStore } from "../../src/core/store.ts";
import { addMemory, expireMemories, updateMemory } from "../../src/core/verbs.ts";
import { ProjectRepository } from "../../src/git/branch/project-repository.ts";
import { openStores } from "../../src/git/open.ts";
import { act, claim } from "../support/scratch.ts";

const [folder = "", dataDirectory = "", scenario = ""] = process.argv.slice(2);
const say = (line: object): unknown => process.stdout.write(`${JSON.stringify(line)}\n`);

/** Tells what is so from then on, once it was acknowledged. */
async function tell(work: () => Promise<object>): Promise<void> {
  await work().then(
    (fact) => say(fact),
    (error: unknown) =>
      say(
        error instanceof MemoryError
          ? { refused: error.message }
          : { unclear: error instanceof Error ? error.stack : String(error) },
      ),
  );
}

async function write(store: MemoryStore): Promise<void> {
  let id = "";
  await tell(async () => {
    const { memories } = await addMemory(store, claim("a"), act);
    id = memories[0]?.id ?? "";
    return { believed: "Claim number a" };
  });
  await tell(async () => {
    await addMemory(store, claim("b"), act);
    return { believed: "Claim number b" };
  });
  if (id === "") return;
  say({ changing: "Claim number a" });
  await tell(async () => {
    await updateMemory(store, id, { title: "Claim number c" }, act);
    return { believed: "Claim number c" };
  });
  say({ changing: "Claim number c" });
  await tell(async () => {
    await expireMemories(store, [id], { ...act, cause: "outdated" });
    return { gone: "Claim number c" };
  });
}

try {
  const { project, personal } = await openStores({ folder, dataDirectory });
  if (!(project?.repository instanceof ProjectRepository)) throw new Error(`${folder} is in no repository`);
  const { repository } = project;
  if (scenario === "landing") await write(project);
  else if (scenario === "locked key") {
    for (const name of ["a", "b"]) {
      await tell(async () => {
        await addMemory(project, claim(name), act);
        return { believed: `Claim number ${name}` };
      });
    }
    // By another process: the fault is not the key's.
    execFileSync("touch", [path.join(folder, "../unlocked")]);
    await tell(async () => ({ landed: (await repository.land(true)).landed }));
    await tell(async () => {
      await addMemory(project, claim("c"), act);
      return { believed: "Claim number c" };
    });
  } else {
    await tell(async () => {
      await repository.moveTo(scenario === "move to branch" ? "branch" : "dedicated", new Date());
      return { moved: true };
    });
    await tell(async () => {
      await addMemory(project, claim("z"), act);
      return { believed: "Claim number z" };
    });
  }
  await project.dispose();
  await personal.dispose();
} catch (error) {
  say(
    error instanceof MemoryError
      ? { refused: error.message }
      : { unclear: error instanceof Error ? error.stack : String(error) },
  );
}
say({ ended: true });
