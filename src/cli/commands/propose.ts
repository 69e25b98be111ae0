import { openPullRequest, propose as put } from "../../git/sync/propose.ts";
import { proposalSentence } from "../../git/sync/words.ts";
import type { Command } from "../command.ts";
import { storeToSync } from "../context.ts";
import { toned } from "../terminal.ts";
import { counted } from "../words.ts";
import { REMOTE_OPTIONS, syncOptions } from "./sync.ts";

export const propose: Command = {
  name: "propose",
  usage: ["propose [--topic NAME] [--open] [--remote REMOTE]"],
  about:
    "Pushes what is here and not on the server to agent-memory-review/NAME, and says where the pull request into agent-memory is opened: GitHub, GitLab, Bitbucket, Azure DevOps and Gitea are known, their self-hosted editions too. The memory branch on the server is left alone.",
  options: {
    topic: { value: "NAME", summary: "The branch's name after agent-memory-review/. Default: your own name." },
    open: { summary: "Open the pull request: by gh or glab where you are logged in, else in the browser." },
    ...REMOTE_OPTIONS,
  },
  operands: { least: 0, most: 0, name: "" },
  examples: [
    { line: "propose", says: "Pushes the branch and prints the page on which the pull request is opened." },
    { line: "propose --topic pnpm --open", says: "Names the branch, and opens the pull request." },
  ],
  async run(context, args) {
    const store = await storeToSync(context, args);
    const topic = args.text("topic");
    const proposal = await put(store, { ...syncOptions(context, args), ...(topic === undefined ? {} : { topic }) });
    const { remote, commit, changes, proposed, place } = proposal;
    const json = { store: store.label, remote, commit, changes };
    if (proposed === null)
      return {
        json: { status: "unchanged", ...json, proposed, opened: null },
        lines: [`${remote} has all that is here; there is nothing to propose.`],
      };
    const opened = args.flag("open") ? await openPullRequest({ proposed, place }, process.env) : null;
    const isOpen = opened !== null && opened.by !== "browser";
    return {
      json: {
        status: isOpen ? "opened" : "proposed",
        ...json,
        proposed: { ...proposed, url: opened?.url ?? proposed.url },
        opened: opened?.by ?? null,
      },
      lines: [
        toned(`${counted(changes, "change is", "changes are")} on ${proposed.branch} at ${remote}.`, "good"),
        isOpen ? `The pull request is open: ${opened.url}` : proposalSentence(proposed),
      ],
    };
  },
};
