/** What a change does to the store's files that are no memories: its rules, signers, tombstones, approvals, and strays. */
import { judge } from "../gate/gate.ts";
import { readTombstone } from "../gate/tombstones.ts";
import { decodeUtf8, isMemoryPath } from "../memory/parse.ts";
import { defaultPolicy, POLICY_FILE } from "../memory/policy.ts";
import { KEYS_FILE, SIGNERS_FILE } from "../trust/base.ts";
import { APPROVALS_FOLDER } from "../trust/signed-approval.ts";
import type { Approvals, CheckedApproval } from "./approvals.ts";
import { gravestFirst, quoted } from "./belief.ts";
import type { ChangedFile } from "./changed-files.ts";
import type { Concern } from "./model.ts";
import { concernOf, isTelling, shownPath } from "./places.ts";
import { policyChange } from "./policy-change.ts";

const PLAIN = "100644";
const LINK = "120000";
const SUBMODULE = "160000";
const RESERVED = /(?:^|\/)(?:index|log|readme)\.md$/i;

export interface OtherFile extends ChangedFile {
  readonly old: Uint8Array | null;
  /** Undefined: it is too large, or is not there, so it was not read. */
  readonly fresh: Uint8Array | null | undefined;
}

/** @param prefix of the store in the repository. */
export function reviewOther(file: OtherFile, prefix: string, approvals: Approvals): Concern[] {
  const path = prefix + shownPath(file.path, "");
  const seen = contentConcerns(file, path);
  const withheld = seen.some(isTelling);
  const unusual = modeConcerns(file, path);
  return gravestFirst([...seen, ...(unusual.length > 0 ? unusual : kindConcerns(file, path, withheld, approvals))]);
}

/** Links, submodules, programs and what is too large to be a memory. */
export function modeConcerns({ path: own, mode, after, fresh }: OtherFile, path: string): Concern[] {
  if (after === null) return [];
  const say = (rule: string, level: Concern["level"], sentence: string): Concern[] => [{ rule, level, path, sentence }];
  if (mode === LINK)
    return say("stray/link", "quarantine", "It is a link to another place. A store holds plain files only.");
  if (mode === SUBMODULE)
    return say(
      "stray/submodule",
      "quarantine",
      "It is another repository inside this one. A store holds plain files only.",
    );
  if (fresh === undefined)
    return say("stray/large", "quarantine", "It is larger than a page of text can be, so it was not read.");
  if (mode !== PLAIN && !isMemoryPath(own))
    return say("stray/program", "quarantine", "It is marked as a program. Nothing in a store is ever run.");
  return [];
}

function contentConcerns({ path: own, fresh }: OtherFile, path: string): Concern[] {
  if (fresh === null || fresh === undefined) return [];
  const text = decodeUtf8(fresh);
  if (text === null) return [];
  const { findings } = judge({
    files: [{ path: own, bytes: fresh, after: null, before: null }],
    caller: { channel: "sync", actor: "unknown", trust: "user" },
    operation: "update",
    reason: "",
    policy: defaultPolicy,
  });
  return findings.filter(({ verdict }) => verdict === "block").map((finding) => concernOf(finding, path, text));
}

function kindConcerns(file: OtherFile, path: string, withheld: boolean, approvals: Approvals): Concern[] {
  const { path: own } = file;
  if (own === POLICY_FILE) return policyConcerns(file, path, withheld);
  if (own === KEYS_FILE)
    return [
      {
        rule: "signers/changed",
        level: "quarantine",
        path,
        sentence:
          "It changes whose OpenPGP keys approve beliefs. A new key counts only once this is merged, never in this review.",
      },
    ];
  if (own === SIGNERS_FILE) return signerConcerns(file, path, withheld);
  if (own.startsWith("tombstones/")) return tombstoneConcerns(file, path, withheld);
  if (own.startsWith(`${APPROVALS_FOLDER}/`)) return approvalConcerns(file, path, approvals.checked.get(own));
  return strayConcerns(file, path);
}

function policyConcerns({ old, fresh }: OtherFile, path: string, withheld: boolean): Concern[] {
  if (fresh === null || fresh === undefined)
    return [
      {
        rule: "policy/removed",
        level: "block",
        path,
        sentence: "It takes the store's rules away. Without them the branch is no memory store any more.",
      },
    ];
  const { keys, weaker, unreadable } = policyChange(old, fresh);
  if (unreadable !== null)
    return [
      {
        rule: "policy/unreadable",
        level: "block",
        path,
        region: { line: unreadable.line },
        sentence: `The store's rules could not be read any more, and nothing more could be written. ${unreadable.message}`,
      },
    ];
  if (old === null)
    return [{ rule: "policy/new", level: "confirm", path, sentence: "It starts a memory store, with these rules." }];
  if (keys.length === 0)
    return [
      {
        rule: "policy/comment",
        level: "allow",
        path,
        sentence: "It changes comments in the store's rules, and no rule.",
      },
    ];
  const said = withheld ? [] : keys.map(({ key, before, after }) => `${key}: ${after} (was ${before})`);
  return [
    {
      rule: weaker.length > 0 ? "policy/weaker" : "policy/changed",
      level: weaker.length > 0 ? "quarantine" : "confirm",
      path,
      sentence:
        weaker.length > 0
          ? `It changes the store's rules, so that less is checked than before: ${weaker.map((key) => `\`${key}\``).join(", ")}. This review still goes by the base's rules.`
          : "It changes the store's rules. This review still goes by the base's rules.",
      ...(said.length === 0 ? {} : { quote: said.join("\n") }),
    },
  ];
}

function signerConcerns({ old, fresh }: OtherFile, path: string, withheld: boolean): Concern[] {
  const [before, after] = [linesOf(old), linesOf(fresh ?? null)];
  const came = after.filter((line) => !before.includes(line));
  const went = before.filter((line) => !after.includes(line));
  const names = (lines: readonly string[]): string => lines.map((line) => quoted(line.split(/\s/)[0] ?? "")).join(", ");
  const parts = [
    ...(came.length === 0 ? [] : [`lets ${withheld ? "more people" : names(came)} approve beliefs`]),
    ...(went.length === 0 ? [] : [`takes that from ${names(went)}`]),
  ];
  return [
    {
      rule: "signers/changed",
      level: came.length > 0 ? "quarantine" : "confirm",
      path,
      sentence:
        parts.length === 0
          ? "It changes who may approve beliefs."
          : `It ${parts.join(" and ")}.${came.length === 0 ? "" : " A new key counts only once this is merged, never in this review."}`,
      ...(came.length === 0 || withheld ? {} : { quote: came.join("\n") }),
    },
  ];
}

function tombstoneConcerns({ old, fresh }: OtherFile, path: string, withheld: boolean): Concern[] {
  const was = old === null ? null : readTombstone(old);
  const is = fresh === null || fresh === undefined ? null : readTombstone(fresh);
  const why = (reason: string): string =>
    reason === "" || withheld ? "" : ` The reason given was: ${quoted(reason)}.`;
  if (was !== null && is === null)
    return [
      {
        rule: "tombstone/removed",
        level: "quarantine",
        path,
        sentence: `It removes the mark of a claim that was ${was.kind} on ${was.at.slice(0, 10)}, so that the claim could come back once this is merged.${why(was.reason)}`,
      },
    ];
  if (was !== null)
    return [
      {
        rule: "tombstone/changed",
        level: "quarantine",
        path,
        sentence: `It changes the mark of a claim that was ${was.kind}, so that another claim is kept out than before.${why(was.reason)}`,
      },
    ];
  if (is !== null)
    return [
      {
        rule: "tombstone/added",
        level: "allow",
        path,
        sentence: `A claim was ${is.kind}, and what says the same is refused from then on.${why(is.reason)}`,
      },
    ];
  return [
    {
      rule: "tombstone/unreadable",
      level: "confirm",
      path,
      sentence: "It is no mark of a rejected claim that can be read, so it keeps nothing out.",
    },
  ];
}

function approvalConcerns({ after }: OtherFile, path: string, checked: CheckedApproval | undefined): Concern[] {
  if (after === null)
    return [{ rule: "approval/removed", level: "confirm", path, sentence: "It takes an approval away." }];
  const answer = checked?.answer ?? "unreadable";
  const by = checked?.approval?.by;
  if (answer === "valid")
    return [
      {
        rule: "approval/brought",
        level: "allow",
        path,
        sentence: `${quoted(by ?? "")} signed an approval, and the base allows that signer.`,
      },
    ];
  const [level, why] = NO_APPROVAL[answer];
  return [
    { rule: `approval/${answer}`, level, path, sentence: `It brings an approval that counts for nothing: ${why}.` },
  ];
}

const NO_APPROVAL: Readonly<
  Record<Exclude<CheckedApproval["answer"], "valid">, readonly [level: Concern["level"], why: string]>
> = {
  "unknown-signer": ["confirm", "its key is not among the signers of the base"],
  bad: ["quarantine", "the signature does not fit what it is said to sign"],
  unavailable: ["confirm", "it can't be checked here, because ssh-keygen or gpg is not installed"],
  unreadable: ["confirm", "it can't be read as one"],
  "other-claim": ["confirm", "it was signed for other words than those that are here"],
  future: ["confirm", "its date is still to come"],
  overruled: ["quarantine", "what it approves ended or was rejected after it was signed"],
};

function strayConcerns({ path: own, after }: OtherFile, path: string): Concern[] {
  if (RESERVED.test(own))
    return [
      {
        rule: "stray/page",
        level: "confirm",
        path,
        sentence: `It ${after === null ? "removes" : "changes"} a page for readers. It is never recalled, but agents that read files see it.`,
      },
    ];
  if (after === null)
    return [{ rule: "stray/removed", level: "allow", path, sentence: "It removes a file that is no memory." }];
  if (own.startsWith(".github/") || own.startsWith(".gitlab") || own === "action.yml")
    return [
      {
        rule: "stray/checks",
        level: "quarantine",
        path,
        sentence: "It changes what runs when somebody proposes a change here. Look at it as you look at code.",
      },
    ];
  return [
    {
      rule: "stray/file",
      level: "confirm",
      path,
      sentence: "It is no memory. Nothing recalls it, but agents that read files may.",
    },
  ];
}

function linesOf(bytes: Uint8Array | null): string[] {
  return (bytes === null ? "" : (decodeUtf8(bytes) ?? ""))
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}
