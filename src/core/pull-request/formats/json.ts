/** A review as programs read it; described in `memory-schema/cli.schema.json`, `review`. */
import type { Concern, Mentioned, Review, ReviewedBelief } from "../model.ts";
import { type FailLevel, failsAt, summary, tally } from "../wording.ts";

export function jsonReport(review: Review, level: FailLevel): object {
  const { base, head, mergeBase, prefix, commits, beliefs, concerns, there, unseen } = review;
  return {
    base,
    head,
    merge_base: mergeBase,
    prefix,
    commits,
    summary: summary(review),
    failed: failsAt(review, level),
    fail_on: level,
    counts: tally(review),
    already_there: there,
    unseen,
    concerns: concerns.map(concernJson),
    beliefs: beliefs.map(beliefJson),
  };
}

function concernJson({ rule, level, path, region, sentence, quote }: Concern): object {
  return {
    rule,
    level,
    path,
    line: region?.line ?? null,
    column: region?.column ?? null,
    message: sentence,
    quote: quote ?? null,
  };
}

function beliefJson(belief: ReviewedBelief): object {
  return {
    kind: belief.kind,
    id: belief.id,
    title: belief.title,
    path: belief.path,
    moved_from: belief.movedFrom ?? null,
    type: belief.type,
    body: belief.body,
    withheld: belief.withheld,
    words: belief.words.map(({ kind, text }) => ({ kind, text })),
    keys: belief.keys,
    scope: belief.scope,
    pinned: belief.pinned,
    expires_at: belief.expires,
    by: belief.by,
    at: belief.at,
    channel: belief.channel,
    session: belief.session,
    trust: belief.trust,
    sources: belief.sources,
    approved: belief.approval,
    lineage: belief.lineage.map(mentionedJson),
    supersedes: belief.supersedes.map(mentionedJson),
    contradicts: belief.against.map(mentionedJson),
    reasons: belief.reasons.map(({ commit, at, who, text }) => ({ commit, at, who, text })),
    concerns: belief.concerns.map(concernJson),
  };
}

function mentionedJson({ id, title, trust }: Mentioned): object {
  return { id, title, trust };
}
