/** The questions of an ablation, and what came of each. */
import { InvalidInputError } from "../../core/errors.ts";
import { isObject, jsonOf } from "../../core/json.ts";
import type { MemoryId } from "../../core/memory/model.ts";

export interface AblationQuestion {
  readonly text: string;
  readonly files: readonly string[];
  /** The memories that answer it; empty where none should. */
  readonly expect: readonly MemoryId[];
}

/** How the command ended with each context; true is exit code 0. */
export interface Outcome {
  readonly none: boolean;
  readonly recall: boolean;
  readonly all: boolean;
}

export interface AblationCase {
  readonly question: AblationQuestion;
  /** What recall chose, best first. */
  readonly chosen: readonly MemoryId[];
  /** Expected and believed, but not chosen. */
  readonly missed: readonly MemoryId[];
  /** Expected, but not believed now. */
  readonly missing: readonly MemoryId[];
  readonly tokens: number;
  readonly allTokens: number;
  readonly context: string;
  readonly allContext: string;
  /** Null where no command was run. */
  readonly success: Outcome | null;
  /** The share of the expected memories among the first so many that were chosen. */
  recallAt(rank: number): number;
}

/** @throws InvalidInputError with the number of the line that is wrong. */
export function readQuestions(text: string): AblationQuestion[] {
  const questions = text.split("\n").flatMap((line, at) => (line.trim() === "" ? [] : [questionOf(line, at + 1)]));
  if (questions.length === 0) throw new InvalidInputError("The file has no questions. Write one JSON object a line.");
  return questions;
}

function questionOf(line: string, number: number): AblationQuestion {
  const wrong = (what: string): InvalidInputError =>
    new InvalidInputError(`Line ${number} ${what}. Write {"question": "…", "expect": ["m_…"]}.`);
  const value = jsonOf(line, isObject);
  if (value === null) throw wrong("is no JSON object");
  const text = "question" in value ? value.question : undefined;
  const expect = "expect" in value ? value.expect : undefined;
  const files = "files" in value ? value.files : [];
  if (typeof text !== "string" || text.trim() === "") throw wrong("has no question");
  if (!isTexts(expect)) throw wrong("names no expected memories (an empty list means that nothing should be found)");
  if (!isTexts(files)) throw wrong("has files that are no list of paths");
  return { text, files, expect };
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
