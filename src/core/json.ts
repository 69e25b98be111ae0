/** What a JSON text says, where it is of the wanted kind; null where it is another, or no JSON: cut short, or not ours. */
export function jsonOf<T>(text: string, isWanted: (value: unknown) => value is T): T | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  return isWanted(value) ? value : null;
}

/** Any JSON object; an array is one too. */
export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
