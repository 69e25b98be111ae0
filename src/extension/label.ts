/** What memories, files and agents say is shown as it is: the editor's own little markup in it is taken apart. */

/** For picks and the status bar, which draw `$(name)` as an icon. */
export function plainLabel(text: string): string {
  return text.replaceAll("$(", "$ (");
}

/** For messages, which make a link of `[words](command:…)` and run the command when it is clicked. */
export function plainMessage(text: string): string {
  return text.replaceAll("](", "] (");
}
