/**
 * The structure of a memory's body, as markdown defines it. The parser is only asked for positions: a body is never
 * written back from its tree, because that rewrites what people wrote. Not imported by `parse.ts`, so that reading a
 * store needs no markdown parser.
 */
import type { Nodes, Paragraph, RootContent } from "mdast";
import { remark } from "remark";

/** A part of a body: `body.slice(start, end)`, on 1-based lines of the body. */
export interface BodyPart {
  /** Without markup, in one line. */
  readonly text: string;
  readonly line: number;
  readonly start: number;
  readonly end: number;
}

export interface Heading extends BodyPart {
  /** 1 to 6. */
  readonly depth: number;
}

export interface BodyStructure {
  readonly headings: readonly Heading[];
  /** The first paragraph that is not the reason: what is claimed. */
  readonly claim: BodyPart | null;
  /** The paragraph that begins with `**Why:**`, without that word. Its positions are the whole paragraph's. */
  readonly why: BodyPart | null;
}

/** Takes a body apart. Any text is markdown, so this never fails. */
export function readBody(body: string): BodyStructure {
  const headings: Heading[] = [];
  let claim: BodyPart | null = null;
  let why: BodyPart | null = null;
  for (const node of remark().parse(body).children) {
    if (node.type === "heading") {
      headings.push({ ...partOf(node, textOf(node)), depth: node.depth });
    } else if (node.type === "paragraph") {
      if (isWhy(node)) why ??= partOf(node, textOf(node).replace(/^why\s*:?\s*/i, ""));
      else claim ??= partOf(node, textOf(node));
    }
  }
  return { headings, claim, why };
}

function isWhy(paragraph: Paragraph): boolean {
  const [first] = paragraph.children;
  return first?.type === "strong" && /^why\s*:?$/i.test(textOf(first));
}

function partOf(node: RootContent, text: string): BodyPart {
  const { start, end } = node.position ?? { start: { line: 1, offset: 0 }, end: { offset: 0 } };
  return { text, line: start.line, start: start.offset ?? 0, end: end.offset ?? 0 };
}

function textOf(node: Nodes): string {
  return plainText(node).replace(/\s+/g, " ").trim();
}

function plainText(node: Nodes): string {
  if ("value" in node) return node.type === "html" ? "" : node.value;
  if (node.type === "image" || node.type === "imageReference") return node.alt ?? "";
  if (node.type === "break") return " ";
  return "children" in node ? node.children.map(plainText).join("") : "";
}
