/** The door in the editor: builds every feature explicitly and gives each what it needs and nothing else. */
import {
  commands,
  ExtensionMode,
  languages,
  window,
  workspace as editor,
  Disposable,
  type ExtensionContext,
} from "vscode";
import { ConflictError } from "../core/errors.ts";
import { tools } from "../core/tools/tools.ts";
import { systemEnvironment } from "../git/open.ts";
import { tendWhenIdle } from "../git/upkeep.ts";
import { Acts } from "./acts.ts";
import { Changes } from "./changes/commands.ts";
import { type ChatAnswers, chatAnswers, registerChat } from "./chat/participant.ts";
import { COMMANDS, type CommandHandlers, type CommandName } from "./command-ids.ts";
import { Blame } from "./editor/blame.ts";
import { BlameLine } from "./editor/blame-line.ts";
import { BeliefLenses } from "./editor/code-lens.ts";
import { ConflictVersions } from "./editor/conflict-versions.ts";
import { Problems } from "./editor/diagnostics.ts";
import { MemoryFileSystem } from "./editor/file-system.ts";
import { ProvenanceHover } from "./editor/hover.ts";
import { HISTORY_SCHEME, MEMORY_SCHEME } from "./editor/uris.ts";
import { historyCommands } from "./history/commands.ts";
import { PastVersions } from "./history/past-versions.ts";
import { storesInView } from "./in-view.ts";
import { registerServerDefinitions } from "./mcp/server-definitions.ts";
import { guard, sayConflict, showError, whisper } from "./messages.ts";
import { Onboarding } from "./onboarding/commands.ts";
import { launcherFor, refreshLauncher } from "./onboarding/launcher.ts";
import { EditorPerson } from "./person.ts";
import { Selection } from "./picked.ts";
import { followRepositories } from "./repositories.ts";
import { Review } from "./review/commands.ts";
import { ReviewQueue } from "./review/queue.ts";
import { Status } from "./status/status.ts";
import { BackgroundSync } from "./sync/background.ts";
import { syncCommands } from "./sync/commands.ts";
import { offerInTerminal } from "./terminal/command-line.ts";
import { timelineCommands } from "./timeline/commands.ts";
import { TimelineProvider } from "./timeline/provider.ts";
import { showTimeline } from "./timeline/view.ts";
import { Conversations } from "./tools/conversations.ts";
import { registerLanguageModelTools } from "./tools/language-model-tools.ts";
import { followOffer } from "./tools/offer.ts";
import { Travel, travelParts } from "./travel/commands.ts";
import { TimeTravel } from "./travel/then.ts";
import { trustCommands } from "./trust/commands.ts";
import { treeCommands } from "./tree/commands.ts";
import { BeliefsProvider } from "./tree/provider.ts";
import { showBeliefs } from "./tree/view.ts";
import { gitSetting, Workspace } from "./workspace.ts";

/** What the tests inside the editor may look at. */
export interface Api {
  readonly workspace: Workspace;
  readonly beliefs: BeliefsProvider;
  readonly timeline: TimelineProvider;
  readonly acts: Acts;
  readonly status: Status;
  readonly past: TimeTravel;
  readonly changes: Changes;
  readonly chat: ChatAnswers;
}

/** Other extensions get nothing: what a person confirms, no program may. */
export function activate(context: ExtensionContext): Api | undefined {
  const log = window.createOutputChannel("Commit to Memory", { log: true });
  // For work that nobody asked for by name: a message would interrupt, silence would hide it.
  const report = (failure: unknown): void => log.error(failure instanceof Error ? failure : String(failure));
  const workspace = new Workspace();
  const person = new EditorPerson();
  const acts = new Acts(person);

  const queue = new ReviewQueue(workspace, report);
  const past = new TimeTravel(workspace);
  const beliefs = new BeliefsProvider(workspace, queue, past);
  const view = showBeliefs(beliefs);
  const selection = new Selection(workspace, view);
  const versions = new PastVersions(workspace);
  const files = new MemoryFileSystem(workspace, async (store, path, read, bytes) => {
    try {
      whisper((await acts.save(store.store, path, read, bytes)).sentence);
    } catch (error) {
      if (error instanceof ConflictError) sayConflict(error);
      throw error;
    }
  });
  const conflicts = new ConflictVersions(workspace);
  const shown = travelParts(versions);
  const { pages, plans } = shown;
  const timeline = new TimelineProvider(workspace, context.workspaceState);
  const blame = new Blame(workspace);
  const lenses = new BeliefLenses(blame, workspace);
  const memories = { scheme: MEMORY_SCHEME };

  const review = new Review({ workspace, queue, acts, person, versions });
  const changes = new Changes({ workspace, acts, person, state: context.workspaceState, report });
  const onboarding = new Onboarding({ workspace, acts, person, extensionPath: context.extensionPath });
  const travel = new Travel({ workspace, selection, acts, person, versions, timeline, past, pages, plans });
  const status = new Status({ workspace, needsYou: beliefs });
  const offer = followOffer();
  const conversations = new Conversations(systemEnvironment);
  const chat = chatAnswers({ workspace, person, acts, environment: systemEnvironment });
  offerInTerminal(context);

  context.subscriptions.push(
    log,
    workspace,
    queue,
    beliefs,
    view,
    review,
    changes,
    past,
    past.mark(view),
    shown,
    travel,
    files,
    conflicts,
    lenses,
    timeline,
    showTimeline(timeline, report),
    editor.registerFileSystemProvider(MEMORY_SCHEME, files, { isCaseSensitive: true }),
    editor.registerTextDocumentContentProvider(HISTORY_SCHEME, versions),
    editor.onWillSaveTextDocument((event) => files.willSave(event)),
    new BlameLine({ blame, stores: workspace, report }),
    languages.registerHoverProvider(memories, new ProvenanceHover(blame)),
    languages.registerCodeLensProvider(memories, lenses),
    new Problems(),
    followRepositories(workspace, report),
    new BackgroundSync(workspace, person, report),
    // In Restricted Mode there are no stores, and so nothing is run.
    new Disposable(tendWhenIdle(() => workspace.stores.map(({ store }) => store), report, gitSetting().git)),
    onboarding,
    status,
    offer,
    registerLanguageModelTools({ definitions: tools, offer, conversations, stores: () => storesInView(workspace) }),
    registerServerDefinitions({ context, offer }),
    registerChat(chat),
    ...registerCommands({
      ...treeCommands({ workspace, provider: beliefs, selection, acts }),
      ...historyCommands({ selection, acts, plans }),
      ...timelineCommands({ acts, plans, timeline, workspace }),
      ...travel.commands(),
      ...conflicts.commands(),
      ...review.commands(),
      ...changes.commands(),
      ...trustCommands({ workspace, person }),
      ...syncCommands({ workspace, person }),
      ...onboarding.commands(),
      ...status.commands(),
    }),
  );
  refreshLauncher(launcherFor(context.extensionPath)).catch(showError);
  void workspace.reopen();
  return context.extensionMode === ExtensionMode.Test
    ? { workspace, beliefs, timeline, acts, status, past, changes, chat }
    : undefined;
}

function registerCommands(handlers: CommandHandlers): Disposable[] {
  const names = Object.keys(COMMANDS) as CommandName[];
  return names.map((name) =>
    commands.registerCommand(COMMANDS[name], (...args: unknown[]) => guard(() => handlers[name](...args))),
  );
}
