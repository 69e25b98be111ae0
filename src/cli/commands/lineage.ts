import { contaminationOf, type Tainted } from "../../core/provenance/contamination.ts";
import { wordsFor } from "../../core/provenance/roots.ts";
import type { Command } from "../command.ts";
import { STORE_OPTION } from "../options.ts";
import { SUSPICION_OPTIONS, suspected } from "../suspicion.ts";
import { taintedJson, taintedTree } from "../tainted.ts";
import { toned } from "../terminal.ts";
import { counted } from "../words.ts";

export const lineage: Command = {
  name: "lineage",
  usage: ["lineage ID | COMMIT | SESSION | SOURCE", "lineage --session SESSION | --actor NAME | --source PLACE"],
  about:
    "Shows all that followed from some writes, as a tree with the reason of each step: what was derived from them, took their place or repeats them, and, told apart from that, what was only written while they were in context.",
  options: { ...SUSPICION_OPTIONS, ...STORE_OPTION },
  operands: { least: 0, most: 1, name: "one id, commit, session or source" },
  examples: [
    { line: "lineage m_7k3q9f2d4cxw", says: "What followed from the claim of one memory." },
    { line: "lineage --source pastes.example", says: "What followed from all that cites a web site." },
  ],
  async run(context, args) {
    const { store, suspicion } = await suspected(context, args);
    const { nodes, washed, present } = await contaminationOf(store, suspicion);
    const isPresent = ({ change }: Tainted): boolean => present.has(change.id);
    const count = (relation: Tainted["relation"]): number => nodes.filter((node) => node.relation === relation).length;
    const [derived, inContext] = [count("derived"), count("context")];
    return {
      json: {
        store: store.label,
        nodes: nodes.map((node) => taintedJson(store, node, isPresent(node))),
        rewritten: washed.map(({ id, title, by }) => ({ id, title, commit: by.commit })),
      },
      lines: [
        ...taintedTree(nodes, isPresent, store.environment.now()),
        ...washed.map(({ title, id }) => toned(`${title}  ${id}  rewritten by a person since`, "quiet")),
      ],
      aside: [
        toned(
          `${counted(derived, "change", "changes")} derived, ${inContext} merely in context. Take back: git memory revert ${operandFor(wordsFor(suspicion), suspicion.kind)} --with-derived --dry-run`,
          "quiet",
        ),
      ],
    };
  },
};

function operandFor(words: string, kind: string): string {
  if (kind === "memory") return words;
  return kind === "commit" ? words.replace("commit ", "") : `--${kind} ${words.replace("session ", "")}`;
}
