/** Labels of picks draw `$(name)` as an icon. What memories and files say is shown as it is, so that is parted. */
export function plainLabel(text: string): string {
  return text.replaceAll("$(", "$ (");
}
