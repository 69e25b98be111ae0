/**
 * Every command of the extension by a name that code uses. `CommandHandlers` is mapped over it, so that a command without
 * a handler does not compile; a test holds the ids against package.json.
 */
export const COMMANDS = {
  // The view
  open: "commitToMemory.open",
  editTitle: "commitToMemory.editTitle",
  expire: "commitToMemory.expire",
  renew: "commitToMemory.renew",
  confirm: "commitToMemory.confirm",
  copyId: "commitToMemory.copyId",
  compareVersions: "commitToMemory.compareVersions",
  undo: "commitToMemory.undo",
  refresh: "commitToMemory.refresh",
  showMore: "commitToMemory.showMore",
  sync: "commitToMemory.sync",
  // The review
  review: "commitToMemory.review",
  approveHeld: "commitToMemory.approveHeld",
  editHeld: "commitToMemory.editHeld",
  rejectHeld: "commitToMemory.rejectHeld",
  compareHeld: "commitToMemory.compareHeld",
  trustSigners: "commitToMemory.trustSigners",
  // The review of a change
  reviewChanges: "commitToMemory.reviewChanges",
  showChange: "commitToMemory.showChange",
  showAllChanges: "commitToMemory.showAllChanges",
  approveChange: "commitToMemory.approveChange",
  rejectChange: "commitToMemory.rejectChange",
  markChange: "commitToMemory.markChange",
  closeChanges: "commitToMemory.closeChanges",
  // History
  history: "commitToMemory.history",
  openChange: "commitToMemory.openChange",
  why: "commitToMemory.why",
  showSession: "commitToMemory.showSession",
  revert: "commitToMemory.revert",
  applyRevert: "commitToMemory.applyRevert",
  // The timeline
  openEntry: "commitToMemory.openEntry",
  revertEntry: "commitToMemory.revertEntry",
  copyCommit: "commitToMemory.copyCommit",
  filterHistory: "commitToMemory.filterHistory",
  showAllHistory: "commitToMemory.showAllHistory",
  // Time travel
  travel: "commitToMemory.travel",
  travelHere: "commitToMemory.travelHere",
  backToNow: "commitToMemory.backToNow",
  nameSnapshot: "commitToMemory.nameSnapshot",
  removeSnapshot: "commitToMemory.removeSnapshot",
  restoreThen: "commitToMemory.restoreThen",
  compare: "commitToMemory.compare",
  findCause: "commitToMemory.findCause",
  lineage: "commitToMemory.lineage",
  openTraced: "commitToMemory.openTraced",
  closeTrace: "commitToMemory.closeTrace",
  takeBack: "commitToMemory.takeBack",
  erase: "commitToMemory.erase",
  openConflict: "commitToMemory.openConflict",
  showDiffs: "commitToMemory.showDiffs",
  // The first run
  startWithRules: "commitToMemory.startWithRules",
  startInBranch: "commitToMemory.startInBranch",
  landNow: "commitToMemory.landNow",
  moveMemory: "commitToMemory.moveMemory",
  checkOutMemory: "commitToMemory.checkOutMemory",
  writeMemory: "commitToMemory.writeMemory",
  connectAgent: "commitToMemory.connectAgent",
  disconnectAgent: "commitToMemory.disconnectAgent",
  readDocumentation: "commitToMemory.readDocumentation",
  // The status bar
  chooseMode: "commitToMemory.chooseMode",
  showLastRecall: "commitToMemory.showLastRecall",
} as const;

export type CommandName = keyof typeof COMMANDS;

/** A command's arguments come from menus, keys and links alike, so a handler takes none on trust. */
export type CommandHandler = (...args: readonly unknown[]) => Promise<void>;

export type CommandHandlers<Names extends CommandName = CommandName> = { readonly [Name in Names]: CommandHandler };
