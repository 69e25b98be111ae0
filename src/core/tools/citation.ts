/** A citation in the short form that models write, `src/app.ts:3-7`, as a source of the format. */
import { InvalidInputError } from "../errors.ts";
import type { Source } from "../memory/model.ts";
import type { Stores } from "../stores.ts";

const LINES = /^(.+?)(?::|#L)(\d{1,7})(?:-L?(\d{1,7}))?$/;

/**
 * @throws InvalidInputError for a path that leads out of the repository, an empty one, or lines that run backwards.
 */
export function sourceOf(citation: string): Source {
  const text = citation.trim();
  if (isWebAddress(text)) return { resource: text };
  const match = LINES.exec(text);
  const path = pathFromRoot((match?.[1] ?? text).replace(/^repo:\//, ""), null);
  if (path === "" || /^(?:\/|[a-z]:|[a-z][a-z0-9+.-]*:\/\/)/i.test(path) || path.split("/").includes("..")) {
    throw new InvalidInputError(
      `"${text.slice(0, 60)}" is no file of this repository. Cite a path from its root, with lines where they matter: src/app.ts:3-7.`,
    );
  }
  const [from, to] = [Number(match?.[2] ?? 0), Number(match?.[3] ?? match?.[2] ?? 0)];
  if (match !== null && (from < 1 || to < from))
    throw new InvalidInputError(
      `The lines in "${text.slice(0, 60)}" are wrong. Write the first and the last line, from 1: src/app.ts:3-7.`,
    );
  return {
    resource: `repo:/${path}`,
    ...(match === null ? {} : { lines: to === from ? String(from) : `${from}-${to}` }),
  };
}

/**
 * A path of the code, or a citation of one, as the format writes it: from the root, with slashes. What lies outside stays
 * absolute.
 *
 * @param root the folder of the code; null where there is none.
 */
export function pathFromRoot(path: string, root: string | null): string {
  const slashed = path.trim().replaceAll("\\", "/");
  const start = root === null ? null : `${root.replaceAll("\\", "/").replace(/\/+$/, "")}/`;
  return start !== null && slashed.startsWith(start) ? slashed.slice(start.length) : slashed.replace(/^(?:\.\/)+/, "");
}

/** The folder that holds the project's code; null outside a repository. */
export function codeRootOf(stores: Stores): string | null {
  return stores.project?.repository.location ?? null;
}

/** Whether a citation names a page of the web: what rests on one has no better trust than the page. */
export function isWebAddress(citation: string): boolean {
  return /^https?:\/\//i.test(citation.trim());
}
