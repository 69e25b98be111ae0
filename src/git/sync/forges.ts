/**
 * Where a pull request is opened: from a remote's address to a page of its host. Recognised by the host's name or by the form
 * of the path, which each product shares with its self-hosted edition.
 */

export const FORGES = ["github", "gitlab", "bitbucket", "bitbucket-server", "azure", "gitea"] as const;
export type Forge = (typeof FORGES)[number];

/** A repository on a host. */
export interface Place {
  readonly forge: Forge | null;
  /** Scheme, host and port of its pages. */
  readonly web: string;
  readonly host: string;
  /** Names from the host down, decoded, without `.git`. */
  readonly path: readonly string[];
}

interface Address {
  readonly scheme: string;
  readonly host: string;
  readonly port: string;
  readonly path: readonly string[];
}

/** Null where the address is a folder of this machine, or of no form that git goes to over a network. */
export function placeOf(address: string): Place | null {
  const parts = partsOf(address);
  if (parts === null) return null;
  const host = webHost(parts.host);
  const isWeb = parts.scheme === "https" || parts.scheme === "http";
  // The port of an ssh server says nothing about the web's.
  const web = `${isWeb ? parts.scheme : "https"}://${host}${isWeb && parts.port !== "" ? `:${parts.port}` : ""}`;
  const forge = forgeOf(host, parts);
  return { forge, web, host, path: forge === "azure" ? azurePath(host, parts.path) : parts.path };
}

/** The page on which a person opens the pull request; null where the host is none that we know. */
export function pullRequestUrl({ forge, web, path }: Place, head: string, base: string): string | null {
  const [at, to] = [path.map(encodeURIComponent).join("/"), encodeURIComponent];
  switch (forge) {
    case "github":
      return `${web}/${at}/compare/${branchPath(base)}...${branchPath(head)}?expand=1`;
    case "gitea":
      return `${web}/${at}/compare/${branchPath(base)}...${branchPath(head)}`;
    case "gitlab":
      return `${web}/${at}/-/merge_requests/new?${to("merge_request[source_branch]")}=${to(head)}&${to("merge_request[target_branch]")}=${to(base)}`;
    case "bitbucket":
      return `${web}/${at}/pull-requests/new?source=${to(head)}&dest=${to(base)}`;
    case "bitbucket-server":
      return `${web}/${serverPath(path)}/pull-requests?create&sourceBranch=${to(`refs/heads/${head}`)}&targetBranch=${to(`refs/heads/${base}`)}`;
    case "azure":
      return `${web}/${at}/pullrequestcreate?sourceRef=${to(head)}&targetRef=${to(base)}`;
    case null:
      return null;
  }
}

/** A branch keeps its slashes where it is part of a path. */
function branchPath(branch: string): string {
  return branch.split("/").map(encodeURIComponent).join("/");
}

function partsOf(address: string): Address | null {
  const url = /^([a-z][a-z0-9+.-]*):\/\/(?:[^@/]*@)?(\[[^\]]+\]|[^/:]+)(?::(\d+))?\/(.*)$/i.exec(address);
  if (url !== null) {
    const [, scheme = "", host = "", port = "", path = ""] = url;
    return scheme === "file"
      ? null
      : { scheme: scheme.toLowerCase(), host: host.toLowerCase(), port, path: names(path) };
  }
  // The short form of ssh, `user@host:path`; one letter before the colon is a drive.
  const short = /^(?:[^@/\s]+@)?(\[[^\]]+\]|[^:/\s]{2,}):(?!\/\/)(.+)$/.exec(address);
  if (short === null || /^\.{0,2}\//.test(address)) return null;
  const [, host = "", path = ""] = short;
  return { scheme: "ssh", host: host.toLowerCase(), port: "", path: names(path) };
}

function names(path: string): string[] {
  return path
    .replace(/[?#].*$/, "")
    .replace(/\/+$/, "")
    .replace(/\.git$/, "")
    .split("/")
    .filter((name) => name !== "")
    .map(decoded);
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch (error) {
    if (error instanceof URIError) return name;
    throw error;
  }
}

/** Hosts that speak ssh under another name than their pages have. */
function webHost(host: string): string {
  const others: Readonly<Record<string, string>> = {
    "ssh.github.com": "github.com",
    "altssh.gitlab.com": "gitlab.com",
    "altssh.bitbucket.org": "bitbucket.org",
    "ssh.dev.azure.com": "dev.azure.com",
    "vs-ssh.visualstudio.com": "dev.azure.com",
  };
  return others[host] ?? host;
}

function forgeOf(host: string, { scheme, port, path }: Address): Forge | null {
  if (host === "dev.azure.com" || host.endsWith(".visualstudio.com") || path.includes("_git")) return "azure";
  if (host === "bitbucket.org") return "bitbucket";
  if (path.includes("scm") || host.includes("bitbucket") || (scheme === "ssh" && port === "7999"))
    return "bitbucket-server";
  if (host.includes("gitlab")) return "gitlab";
  if (host.includes("github") || host.endsWith(".ghe.com")) return "github";
  return host === "codeberg.org" || /gitea|forgejo/.test(host) ? "gitea" : null;
}

/** `…/organisation/project/_git/repository`, also from ssh's `v3/organisation/project/repository`. */
function azurePath(host: string, path: readonly string[]): readonly string[] {
  if (path.includes("_git")) {
    const at = path.indexOf("_git");
    return path.slice(0, at + 2);
  }
  const [version, organisation, project, repository] = path;
  return host === "dev.azure.com" && version === "v3" && organisation !== undefined
    ? [organisation, project ?? "", "_git", repository ?? ""]
    : path;
}

/** `projects/KEY/repos/name` below whatever path the server is installed at; a person's own are below `users`. */
function serverPath(path: readonly string[]): string {
  const scm = path.indexOf("scm");
  const [project = "", repository = ""] = path.slice(-2);
  const above = scm > 0 ? path.slice(0, scm) : [];
  const owner = project.startsWith("~") ? ["users", project.slice(1)] : ["projects", project];
  return [...above, ...owner, "repos", repository].map(encodeURIComponent).join("/");
}
