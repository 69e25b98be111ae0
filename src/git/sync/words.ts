/** What a sync came to, in one sentence for every door. */
import type { Synced } from "./sync.ts";

export function syncSentence({ status, remote, came, went, heldBack, conflicts, proposed }: Synced): string {
  const held = conflicts.filter((one) => one.held !== null).length;
  const waiting = heldBack.length + held;
  const waits = waiting === 0 ? "" : ` ${waiting === 1 ? "1 waits" : `${waiting} wait`} for your review.`;
  switch (status) {
    case "offline":
      return `${remote} can't be reached. ${went === 0 ? "Nothing waits to go there." : `${changes(went)} ${went === 1 ? "waits" : "wait"} here and ${went === 1 ? "goes" : "go"} with the next sync.`}`;
    case "unchanged":
      return `In sync with ${remote}: nothing new on either side.${waits}`;
    case "proposed":
      return `${remote} takes changes by pull request only: ${changes(went)} ${went === 1 ? "is" : "are"} on ${proposed?.branch ?? ""}${came === 0 ? "" : `, and ${came} came`}.${waits}`;
    case "synced":
      return `Synced with ${remote}: ${came === 0 ? "nothing" : changes(came)} came, ${went === 0 ? "nothing" : came === 0 ? changes(went) : went} went.${waits}`;
  }
}

function changes(count: number): string {
  return count === 1 ? "1 change" : `${count} changes`;
}

/** What a person does next with a branch that was pushed for review. */
export function proposalSentence({ branch, base, url }: NonNullable<Synced["proposed"]>): string {
  return url === null
    ? `Open a pull request from ${branch} into ${base} where you host this repository.`
    : `Open the pull request: ${url}`;
}
