/**
 * A rule file taken apart: markdown in, statements out, each with its lines and the headings above it. The parser is asked
 * for positions only, so that a statement's text is what somebody wrote.
 */
import type { Code, List, ListItem, Nodes, Paragraph, RootContent } from "mdast";
import { remark } from "remark";
import { oneLine } from "../memory/title.ts";
import { isFragment, isGeneralLead, isNegative, isShell, whyNoClaim } from "./rule-language.ts";

/** Something that a rule file says. */
export interface Statement {
  /** As written, without the list marker and its indentation. */
  readonly text: string;
  /** The sentence that a title is made of: one line, no markup. */
  readonly plain: string;
  /** What the statement is said under, where it would mean something else without it: `Never`, `When you touch the API`. */
  readonly lead?: string;
  /** 1-based lines of the file, both inclusive. */
  readonly first: number;
  readonly last: number;
  readonly headings: readonly string[];
  readonly kind: "sentence" | "steps" | "commands" | "table";
}

/** Something that was not taken over, and why. */
export interface Remainder {
  readonly line: number;
  readonly reason: string;
}

/** An item that is longer than this and has items of its own is taken apart (characters). */
const LONG_ITEM = 1500;
/** Steps that are longer than this together are taken one by one (characters). */
const LONG_STEPS = 3000;
const LEAD_END = /[:：]\s*$/;
const TABLE_ROW = /^\s*\|.*\|\s*$/;
/** Claude Code and Gemini CLI read `@path` on a line of its own as an import. */
const IMPORT_LINE = /^\s*@(?:[\w.~-]+\/)*[\w.-]+\s*$/;

/** Takes a file's text apart. `skipped` lines of front matter before it count, so that lines are the file's. */
export function statementsOf(text: string, skipped = 0): { statements: Statement[]; remainders: Remainder[] } {
  const reader = new Reader(text, skipped);
  reader.readBlocks(remark().parse(text).children);
  return { statements: reader.statements, remainders: reader.remainders };
}

class Reader {
  readonly statements: Statement[] = [];
  readonly remainders: Remainder[] = [];
  readonly #text: string;
  readonly #skipped: number;
  /** Headings in force, by depth, without the file's title; a bold line that stands for a heading is the deepest. */
  #headings: { readonly depth: number; readonly text: string }[] = [];
  #lead: Paragraph | null = null;
  /** Whether a code block that comes next explains the last statement. */
  #open = false;

  constructor(text: string, skipped: number) {
    this.#text = text;
    this.#skipped = skipped;
  }

  readBlocks(nodes: readonly RootContent[]): void {
    for (const [index, node] of nodes.entries()) {
      switch (node.type) {
        case "heading":
          this.#dropLead();
          if (node.depth !== 1 || node !== nodes.find(({ type }) => type === "heading"))
            this.#under(node.depth, plainOf(node));
          break;
        case "paragraph":
          this.#dropLead();
          this.#paragraph(node, nodes[index + 1]);
          break;
        case "list":
          this.#list(node, this.#takeLead());
          break;
        case "code":
          this.#code(node);
          break;
        case "blockquote":
          this.#dropLead();
          this.#say(node, { plain: plainOf(node) });
          break;
        case "html":
          this.#dropLead();
          this.#html(node);
          break;
        case "thematicBreak":
          this.#dropLead();
          this.#open = false;
          break;
        default:
          break;
      }
    }
    this.#dropLead();
  }

  #paragraph(node: Paragraph, next: RootContent | undefined): void {
    const plain = plainOf(node);
    const lines = this.#sourceOf(node).split("\n");
    if (lines.length >= 2 && lines.every((line) => TABLE_ROW.test(line))) {
      this.#say(node, { plain: this.#nearest() ?? plain, kind: "table" });
    } else if (LEAD_END.test(plain) && (next?.type === "list" || next?.type === "code")) {
      this.#lead = node;
    } else if (isLabel(node)) {
      this.#under(7, plain);
    } else if (lines.some((line) => IMPORT_LINE.test(line)) || (lines.length > 2 && lines.every(isWholeSentence))) {
      this.#lineByLine(node, lines);
    } else {
      this.#say(node, { plain });
    }
  }

  /** Plain rule files often put one sentence on each line, which markdown takes for one paragraph. */
  #lineByLine(node: Paragraph, lines: readonly string[]): void {
    const first = this.#lineOf(node, "start");
    for (const [index, line] of lines.entries()) {
      if (IMPORT_LINE.test(line)) this.remainders.push({ line: first + index, reason: "It imports another file." });
      else
        this.#add({
          text: line.trim(),
          plain: plainOf(remark().parse(line)),
          first: first + index,
          last: first + index,
          kind: "sentence",
        });
    }
  }

  #list(list: List, lead: Paragraph | null): void {
    const items = list.children;
    const said = lead === null ? undefined : plainOf(lead).replace(LEAD_END, "");
    const from = lead ?? list;
    const whole = {
      text: this.#between(from, list),
      plain: said ?? this.#nearest() ?? plainOf(list),
      first: this.#lineOf(from, "start"),
      last: this.#lineOf(list, "end"),
    };
    const plains = items.map((item) => plainOf(item.children[0] ?? item));
    const reasons = items.map((item, index) => whyNoClaim(plains[index] ?? "", linkedText(item)));
    const fragments = items.filter((item, index) => item.children.length === 1 && isFragment(plains[index] ?? ""));
    if (items.length > 1 && list.ordered === true && whole.text.length <= LONG_STEPS && !plains.some(isNegative)) {
      this.#add({ ...whole, kind: "steps" });
    } else if (reasons.every((reason) => reason === null) && fragments.length * 2 > items.length) {
      this.#add({ ...whole, kind: "sentence" });
    } else {
      const under = said ?? this.#nearest() ?? "";
      const meaningful = said === undefined ? isNegative(under) : !isGeneralLead(said);
      for (const item of items) this.#item(item, meaningful ? under : undefined);
    }
    this.#open = items.length > 0;
  }

  #item(item: ListItem, lead: string | undefined): void {
    const plain = plainOf(item.children[0] ?? item);
    const inner = item.children.find((child) => child.type === "list");
    if (inner !== undefined && this.#sourceOf(item).length > LONG_ITEM) {
      const headings = this.#headings;
      this.#under(8, plain.replace(LEAD_END, ""));
      for (const child of item.children) if (child.type === "list") this.#list(child, null);
      this.#headings = headings;
      return;
    }
    const content = item.children[0] ?? item;
    const indent = (content.position?.start.column ?? 1) - 1;
    const text = dedent(this.#between(content, item), indent);
    this.#add({
      text: lead === undefined ? text : `${lead}:\n\n${text}`,
      plain,
      ...(lead === undefined ? {} : { lead }),
      first: this.#lineOf(item, "start"),
      last: this.#lineOf(item, "end"),
      kind: item.children.some((child) => child.type === "code" && isShell(child.lang ?? null, child.value))
        ? "commands"
        : "sentence",
      source: item,
    });
  }

  #code(node: Code): void {
    const lead = this.#takeLead();
    const kind = isShell(node.lang ?? null, node.value) ? "commands" : "sentence";
    const last = this.statements.at(-1);
    if (lead === null && this.#open && last !== undefined) {
      this.statements[this.statements.length - 1] = {
        ...last,
        text: `${last.text}\n\n${this.#sourceOf(node)}`,
        last: this.#lineOf(node, "end"),
        kind: last.kind === "sentence" ? kind : last.kind,
      };
      return;
    }
    const from = lead ?? node;
    const plain =
      lead === null ? (this.#nearest() ?? node.value.split("\n")[0] ?? "") : plainOf(lead).replace(LEAD_END, "");
    this.#add({
      text: this.#between(from, node),
      plain,
      first: this.#lineOf(from, "start"),
      last: this.#lineOf(node, "end"),
      kind,
    });
  }

  /** Tags such as `<important>` enclose rules; comments, badges and layout don't. */
  #html(node: Nodes): void {
    const source = this.#sourceOf(node);
    const words = oneLine(source.replace(/<!--[\s\S]*?-->/g, "").replace(/<[^<>]*>/g, " "));
    if (words === "" || /<(?:img|picture|svg|br|a)\b/i.test(source)) {
      this.remainders.push({
        line: this.#lineOf(node, "start"),
        reason: source.startsWith("<!--") ? "It is a comment." : "It is layout.",
      });
    } else this.#say(node, { plain: words });
  }

  #say(node: Nodes, { plain, kind = "sentence" }: { plain: string; kind?: Statement["kind"] }): void {
    this.#add({
      text: this.#sourceOf(node),
      plain,
      first: this.#lineOf(node, "start"),
      last: this.#lineOf(node, "end"),
      kind,
      source: node,
    });
    this.#open = true;
  }

  #add({ source, ...statement }: Omit<Statement, "headings"> & { readonly source?: Nodes }): void {
    const reason = whyNoClaim(statement.plain, source === undefined ? "" : linkedText(source));
    if (reason !== null) this.remainders.push({ line: statement.first, reason });
    else this.statements.push({ ...statement, headings: this.#headings.map(({ text }) => text) });
  }

  #under(depth: number, text: string): void {
    this.#headings = [
      ...this.#headings.filter((heading) => heading.depth < depth),
      { depth, text: text.replace(LEAD_END, "") },
    ];
    this.#open = false;
  }

  #nearest(): string | undefined {
    return this.#headings.at(-1)?.text;
  }

  #takeLead(): Paragraph | null {
    const lead = this.#lead;
    this.#lead = null;
    return lead;
  }

  #dropLead(): void {
    const lead = this.#takeLead();
    if (lead !== null) this.#say(lead, { plain: plainOf(lead) });
  }

  #sourceOf(node: Nodes): string {
    return this.#between(node, node);
  }

  #between(from: Nodes, to: Nodes): string {
    return this.#text.slice(from.position?.start.offset ?? 0, to.position?.end.offset ?? this.#text.length);
  }

  #lineOf(node: Nodes, edge: "start" | "end"): number {
    return (node.position?.[edge].line ?? 1) + this.#skipped;
  }
}

/** The text of a node without markup, in one line. */
export function plainOf(node: Nodes): string {
  return oneLine(textIn(node));
}

function textIn(node: Nodes): string {
  if (node.type === "text" || node.type === "inlineCode" || node.type === "code") return node.value;
  if (node.type === "image" || node.type === "imageReference" || node.type === "html") return "";
  if (node.type === "break") return " ";
  if (!("children" in node)) return "";
  const blocks = node.type === "root" || node.type === "blockquote" || node.type === "list" || node.type === "listItem";
  return node.children.map(textIn).join(blocks ? " " : "");
}

/** The words of a node that are links. */
function linkedText(node: Nodes): string {
  if (node.type === "link" || node.type === "linkReference") return ` ${textIn(node)}`;
  return "children" in node ? node.children.map(linkedText).join("") : "";
}

/** A paragraph of nothing but bold words stands for a heading. */
function isLabel(node: Paragraph): boolean {
  const [only, rest] = node.children;
  return (
    only?.type === "strong" &&
    (rest === undefined || (rest.type === "text" && /^\s*[:：]?\s*$/.test(rest.value))) &&
    node.children.length <= 2 &&
    isFragment(plainOf(only))
  );
}

function isWholeSentence(line: string): boolean {
  return /^\s*\P{Ll}/u.test(line) && /[.!?。！？]["'`)*_]*\s*$/.test(line);
}

function dedent(text: string, indent: number): string {
  const margin = new RegExp(`^[ \\t]{0,${indent}}`);
  return text
    .split("\n")
    .map((line, index) => (index === 0 ? line : line.replace(margin, "")))
    .join("\n");
}
