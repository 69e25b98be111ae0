/** The server's process: one connection on standard input and output; everything else goes to standard error. */
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { InvalidInputError } from "../core/errors.ts";
import { SESSION_VARIABLE, sessionNamed } from "../core/session-name.ts";
import { readArguments, USAGE } from "./arguments.ts";
import { Places } from "./places.ts";
import { createServer, type ServerParts } from "./server.ts";
import { StdioTransport } from "./transport.ts";
import { VERSION } from "./version.ts";

/** A client that is gone leaves nothing to wait for but our own writes, which take milliseconds. */
const EXIT_TIMEOUT = 5000;

function log(message: string): void {
  process.stderr.write(`memory: ${message}\n`);
}

type Session = Required<Pick<ServerParts, "mode" | "intent">> & { readonly files: boolean };

function serve(folder: string, { mode, intent, files }: Session): void {
  const session = sessionNamed(process.env[SESSION_VARIABLE]);
  let stopUpkeep = (): void => undefined;
  const places = new Places({
    folder,
    // Loaded with the first call: the handshake needs none of it.
    openStores: async (folder) => {
      const [{ openStores }, { tendWhenIdle }] = await Promise.all([
        import("../git/open.ts"),
        import("../git/upkeep.ts"),
      ]);
      const stores = await openStores({ folder });
      stopUpkeep();
      stopUpkeep = tendWhenIdle(
        () => [stores.project, stores.personal].filter((store) => store !== null),
        (error) => log(String(error)),
      );
      return stores;
    },
  });
  const tools = async () => {
    const { tools } = await import("../core/tools/tools.ts");
    return files ? [...tools, (await import("../core/files/file-tool.ts")).fileTool] : tools;
  };
  const named = session === undefined ? {} : { sessionId: session };
  const transport = new StdioTransport(process.stdin, process.stdout);
  const handle = serveStdio(() => createServer({ version: VERSION, places, tools, log, mode, intent, ...named }), {
    transport,
    onerror: (error) => log(error.message),
  });

  const { onclose } = transport;
  let ending = false;
  const end = async (): Promise<void> => {
    if (ending) return;
    ending = true;
    stopUpkeep();
    setTimeout(() => process.exit(1), EXIT_TIMEOUT).unref();
    await handle.close();
    await places.dispose();
    process.exit(0);
  };
  const endOrFail = (): void => {
    end().catch((error: unknown) => {
      log(String(error));
      process.exit(1);
    });
  };
  transport.onclose = () => {
    onclose?.();
    endOrFail();
  };
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, endOrFail);
}

const options = readArguments(process.argv.slice(2));
switch (options.kind) {
  case "serve":
    try {
      serve(options.folder ?? process.cwd(), options);
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      log(error.message);
      process.exitCode = 2;
    }
    break;
  case "help":
    process.stdout.write(USAGE);
    break;
  case "wrong":
    process.stderr.write(`${options.message}\n\n${USAGE}`);
    process.exitCode = 2;
    break;
}
