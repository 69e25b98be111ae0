import type { Stores } from "../../core/stores.ts";
import type { AblationCase, AblationQuestion } from "./questions.ts";

/** Each question without memory, with all of it and with recall. Leaves no receipts. */
export async function askEach(
  stores: Stores,
  questions: readonly AblationQuestion[],
  bounds: { readonly budget?: number; readonly limit?: number },
): Promise<AblationCase[]> {
  const all = await stores.everything();
  const believed = new Set(all.ids);
  const cases: AblationCase[] = [];
  for (const question of questions) {
    const result = await stores.preview({ text: question.text, files: question.files, ...bounds });
    const chosen = result.chosen.map(({ id }) => id);
    cases.push({
      question,
      chosen,
      missed: question.expect.filter((id) => believed.has(id) && !chosen.includes(id)),
      missing: question.expect.filter((id) => !believed.has(id)),
      tokens: result.tokens,
      allTokens: all.tokens,
      context: result.text,
      allContext: all.text,
      success: null,
      recallAt: (rank) => {
        const first = new Set(chosen.slice(0, rank));
        return question.expect.filter((id) => first.has(id)).length / question.expect.length;
      },
    });
  }
  return cases;
}
