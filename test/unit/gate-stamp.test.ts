import { describe, expect, test } from "vitest";
import { stampOrigin } from "../../src/core/gate/stamp.ts";
import type { Caller } from "../../src/core/proposal.ts";

const now = new Date("2026-11-23T09:12:00.123Z");
const tool: Caller = { channel: "tool", actor: "copilot/gpt-5.2", trust: "user" };

describe("stamping", () => {
  test("names the actor, the channel and the moment to the second", () => {
    expect(stampOrigin(tool, undefined, now)).toEqual({
      generated: { by: "copilot/gpt-5.2", at: "2026-11-23T09:12:00Z" },
      origin: { channel: "tool", trust: "user" },
    });
  });

  test("a declared trust lowers the door's and never raises it", () => {
    expect(stampOrigin(tool, "untrusted", now).origin.trust).toBe("untrusted");
    expect(stampOrigin(tool, "reviewed", now).origin.trust).toBe("user");
    expect(stampOrigin({ ...tool, trust: "agent" }, "user", now).origin.trust).toBe("agent");
  });

  test("session and turn are written only where they are known", () => {
    expect(Object.keys(stampOrigin(tool, undefined, now).origin)).toEqual(["channel", "trust"]);
    const known = stampOrigin({ ...tool, session: "s_9d2k4m", turn: 0 }, undefined, now).origin;
    expect(known).toMatchObject({ session: "s_9d2k4m", turn: 0 });
  });

  test("keeps the fifty memories that were recalled last, each once, oldest first", () => {
    const recalled = Array.from({ length: 60 }, (_, index) => `m_${String(index).padStart(12, "0")}`);
    const context = stampOrigin({ ...tool, recalled: [...recalled, "m_000000000003"] }, undefined, now).origin.context;
    expect(context).toHaveLength(50);
    expect(context?.at(-1)).toBe("m_000000000003");
    expect(context?.at(-2)).toBe("m_000000000059");
    expect(context?.[0]).toBe("m_000000000011");
  });

  test("an empty context leaves no key", () => {
    expect(stampOrigin({ ...tool, recalled: [] }, undefined, now).origin).not.toHaveProperty("context");
  });
});
