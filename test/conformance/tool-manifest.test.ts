import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { fileTool } from "../../src/core/files/file-tool.ts";
import { tools } from "../../src/core/tools/tools.ts";
import { VERSION } from "../../src/mcp/version.ts";

interface Manifest {
  readonly version: string;
  readonly contributes: { readonly languageModelTools?: readonly ManifestTool[] };
}

interface ManifestTool {
  readonly name: string;
  readonly displayName: string;
  readonly modelDescription: string;
  readonly inputSchema: object;
}

const manifest = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8")) as Manifest;

describe("the manifest", () => {
  test("has the tools as language model tools, with the names, words and inputs of their definitions", () => {
    const said = (manifest.contributes.languageModelTools ?? []).map(
      ({ name, displayName, modelDescription, inputSchema }) => ({ name, displayName, modelDescription, inputSchema }),
    );
    expect(said).toEqual(
      tools.map(({ name, title, description, inputSchema }) => ({
        name,
        displayName: title,
        modelDescription: description,
        inputSchema: JSON.parse(JSON.stringify(inputSchema)),
      })),
    );
  });

  test("has the version that the MCP server says", () => {
    expect(VERSION).toBe(manifest.version);
  });
});

describe.each([...tools, fileTool])("$name", ({ name, title, description, inputSchema, readOnly, destructive }) => {
  test("has a name that every host takes, and a title of three words at most", () => {
    expect(name).toMatch(/^memory(_[a-z]+)?$/);
    expect(title.split(" ").length).toBeLessThanOrEqual(3);
  });

  test("tells a model what it does, when to use it, when not, and what comes back, in at most 150 words", () => {
    expect(description).toMatch(/^[A-Z][a-z]+s /);
    expect(description).toMatch(/\bUse it\b/);
    expect(description).toMatch(/\bDon't (use|store)\b|\binstead\b|; when nothing does/);
    expect(description).toMatch(/\bReturns\b/);
    expect(description.split(/\s+/).length).toBeLessThanOrEqual(150);
  });

  test("states its input as a closed JSON Schema in which every key is described", () => {
    const ajv = new Ajv2020({ strict: true });
    const validate = ajv.compile(JSON.parse(JSON.stringify(inputSchema)));
    expect(validate({ unheard: true })).toBe(false);
    for (const field of Object.values(inputSchema.properties)) expect(field.description).toMatch(/^\S.*\.$/s);
    for (const key of inputSchema.required) expect(Object.keys(inputSchema.properties)).toContain(key);
  });

  test("never says that it only reads and destroys as well", () => {
    expect(readOnly && destructive).toBe(false);
  });
});
