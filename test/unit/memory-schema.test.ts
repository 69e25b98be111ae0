import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { validateMemory } from "../../src/core/memory/generated/validators.js";
import { FRONT_MATTER_KEYS } from "../../src/core/memory/keys.ts";
import { CHANNELS, MEMORY_TYPES, TRUST_LEVELS } from "../../src/core/memory/model.ts";
import { GATE_ROWS } from "../../src/core/memory/policy.ts";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const memory = JSON.parse(read("memory-schema/memory.schema.json"));
const policy = JSON.parse(read("memory-schema/policy.schema.json"));

describe("the published schemas", () => {
  test("name the keys of the format in the writer's order", () => {
    expect(Object.keys(memory.properties)).toEqual([...FRONT_MATTER_KEYS]);
  });

  test("know the same words as the program", () => {
    expect(memory.properties.type.examples).toEqual([...MEMORY_TYPES]);
    expect(memory.properties.origin.properties.trust.enum).toEqual([...TRUST_LEVELS]);
    for (const channel of CHANNELS) expect(memory.properties.origin.properties.channel.description).toContain(channel);
    expect(Object.keys(policy.properties.gate.properties.stricter.properties)).toEqual([...GATE_ROWS]);
  });

  test("are described key by key in the specification", () => {
    const specification = read("memory-schema/README.md");
    for (const key of [...FRONT_MATTER_KEYS, ...Object.keys(policy.properties)]) {
      expect(specification).toContain(`\`${key}\``);
    }
  });

  test("are explained with an example that is one of the published ones", () => {
    const example = read("memory-schema/examples/valid/convention.md");
    expect(read("memory-schema/README.md")).toContain(`\`\`\`markdown\n${example}\`\`\`\n`);
  });

  test("accept unknown types and unknown keys, and insist on a type alone", () => {
    expect(validateMemory({ type: "Metric", status: "stable", anything: { at: "all" } })).toBe(true);
    expect(validateMemory({ title: "No type" })).toBe(false);
  });
});

test("the compiled validators load nothing and evaluate nothing", () => {
  const code = read("src/core/memory/generated/validators.js");
  expect(code.match(/\brequire\(|^import\b|\bimport\(|\bnew Function\b|\beval\(/m)).toBeNull();
});
