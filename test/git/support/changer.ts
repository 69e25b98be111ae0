/** A process that does one thing to a memory, as another window or agent would. `changer.ts FOLDER DATA ACT ID` */
import { openStores } from "../../../src/git/open.ts";
import { planRevertOfMemory, revert } from "../../../src/core/provenance/revert.ts";
import { expireMemories, updateMemory } from "../../../src/core/verbs.ts";

const [folder = "", dataDirectory = "", what = "", id = ""] = process.argv.slice(2);
const act = {
  caller: { channel: "cli", actor: "another/1.0", trust: "agent" },
  reason: "Another process knew better.",
} as const;
const { project } = await openStores({ folder, dataDirectory });
if (project === null) throw new Error(`${folder} is in no repository`);
if (what === "update") await updateMemory(project, id, { body: "Run everything through bun." }, act);
if (what === "expire") await expireMemories(project, [id], { ...act, cause: "outdated" });
if (what === "revert") await revert(project, await planRevertOfMemory(project, id), act);
await project.dispose();
