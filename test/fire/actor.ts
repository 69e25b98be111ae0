/** The process that things go wrong in. `actor.ts FOLDER DATA SCENARIO`: one line of JSON for each beginning and each end. */
import { MemoryError } from "../../src/core/errors.ts";
import { openStores } from "../../src/git/open.ts";
import { SCENARIOS, type Tell } from "./scenarios.ts";

const [folder = "", dataDirectory = "", name = ""] = process.argv.slice(2);
const scenario = SCENARIOS[name];
if (scenario === undefined) throw new Error(`There is no scenario "${name}".`);
const say = (line: object): unknown => process.stdout.write(`${JSON.stringify(line)}\n`);

/** A refusal in our own words is an answer; anything else that comes out is a defect. */
function refused(error: unknown): object {
  return error instanceof MemoryError
    ? { refused: error.code, message: error.message }
    : { unclear: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

const tell: Tell = async (begun, work) => {
  say({ begun });
  await work().then(
    (facts) => say({ facts }),
    (error: unknown) => say(refused(error)),
  );
};

try {
  const stores = await openStores({ folder, dataDirectory });
  if (stores.project === null) throw new Error(`${folder} is in no repository`);
  await scenario.run(stores.project, tell, stores);
  await stores.dispose();
} catch (error) {
  say(refused(error));
}
say({ ended: true });
