import { describe, expect, test } from "vitest";
import { readArguments } from "../../src/mcp/arguments.ts";

describe("the server's command line", () => {
  test("names the folder, the mode and the intent of the session, each with its default", () => {
    expect(readArguments([])).toEqual({
      kind: "serve",
      folder: null,
      mode: "full",
      intent: "execute",
      files: false,
    });
    const words = ["mcp", "--folder", "/a", "--mode", "read-only", "--intent", "explore", "--files"];
    expect(readArguments(words)).toEqual({
      kind: "serve",
      folder: "/a",
      mode: "read-only",
      intent: "explore",
      files: true,
    });
  });

  test("refuses other modes and intents, and says which there are", () => {
    for (const [words, said] of [
      [["--mode", "write"], "--mode takes full, read-only, off"],
      [["--intent", "wander"], "--intent takes execute, explore"],
      [["--unheard"], "--unheard"],
    ] as const) {
      expect(readArguments(words)).toEqual({ kind: "wrong", message: expect.stringContaining(said) });
    }
  });
});
