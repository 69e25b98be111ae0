// Compiles the published JSON Schemas to plain functions, so that nothing is compiled, evaluated or fetched at run time.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import standaloneCode from "ajv/dist/standalone/index.js";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const target = `${root}src/core/memory/generated`;
const schemas = {
  validateMemory: "memory.schema.json",
  validatePolicy: "policy.schema.json",
  validateTombstone: "tombstone.schema.json",
};

const ajv = new Ajv2020({
  allErrors: true,
  strict: true,
  code: { source: true, esm: true, optimize: true },
});
const names = {};
for (const [name, file] of Object.entries(schemas)) {
  const schema = JSON.parse(await readFile(`${root}memory-schema/${file}`, "utf8"), withoutProse);
  ajv.addSchema(schema);
  names[name] = schema.$id;
}

// esbuild inlines the helpers that the emitted code asks for, so that the result imports nothing.
await build({
  stdin: { contents: standaloneCode.default(ajv, names), resolveDir: root, loader: "js" },
  bundle: true,
  minify: true,
  format: "esm",
  platform: "neutral",
  mainFields: ["main"],
  target: "node20",
  outfile: `${target}/validators.js`,
  logLevel: "warning",
  banner: { js: "// Generated from memory-schema/ by scripts/generate-validators.mjs. Not edited by hand." },
});

await mkdir(target, { recursive: true });
await writeFile(
  `${target}/validators.d.ts`,
  `/** One thing that a schema did not accept, as ajv reports it. */
export interface SchemaError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
}
/** Whether a value fits a schema; the findings of the last call are in \`errors\`. */
export interface Validator {
  (value: unknown): boolean;
  errors?: readonly SchemaError[] | null;
}
${Object.entries(schemas)
  .map(([name, file]) => `/** memory-schema/${file} */\nexport declare const ${name}: Validator;\n`)
  .join("")}`,
);

/** The words for readers are not needed at run time. Keys of that name that hold a schema stay. */
function withoutProse(key, value) {
  const isProse = (key === "title" || key === "description") && typeof value === "string";
  return isProse || key === "examples" ? undefined : value;
}
