/** The names that a session gave its files, each with the path under which the memory really stands. */
import type { Session } from "../session.ts";
import { filePath, type FilePath } from "./paths.ts";

const aliases = new WeakMap<Session, Map<string, string>>();

/** From here on the session may call a memory by the path that it asked for; other sessions see only the real one. */
export function keepAlias(session: Session, asked: string, real: string): void {
  const known = aliases.get(session) ?? new Map<string, string>();
  known.set(asked, real);
  aliases.set(session, known);
}

export function aliasOf(session: Session, asked: FilePath): FilePath {
  const real = aliases.get(session)?.get(asked.path);
  return real === undefined ? asked : filePath(real);
}
