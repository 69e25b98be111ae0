/** Who an MCP client says it is, as an actor of the format: `claude-code/2.1.0`. */

const LONGEST = 80;

/**
 * A name that is safe in a commit: ASCII letters, digits and `._-`, with one slash before the version. No colon survives, so
 * that no client can call itself `human:…`. `agent` where it says nothing.
 */
export function actorOf(client: unknown): string {
  if (typeof client !== "object" || client === null) return "agent";
  const name = "name" in client ? plain(client.name) : "";
  if (name === "") return "agent";
  const version = "version" in client ? plain(client.version) : "";
  return (version === "" ? name : `${name}/${version}`).slice(0, LONGEST);
}

function plain(text: unknown): string {
  if (typeof text !== "string") return "";
  return text
    .slice(0, 200)
    .normalize("NFKD")
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[-.]+|[-.]+$/g, "");
}
