/**
 * A remote's address as it may be shown and kept: without a password or a token. A name for ssh stays, because the same path
 * can be another repository under another name.
 */
export function withoutCredentials(text: string): string {
  return text.replace(/(\b[a-z][a-z0-9+.-]*:\/\/)([^/\s]+)@/gi, (_, scheme: string, person: string) =>
    /ssh/i.test(scheme) ? `${scheme}${person.split(":")[0] ?? ""}@` : scheme,
  );
}
