/** A review on the folder of a call. */
import type { Review } from "../../core/pull-request/model.ts";
import { type ReviewRequest, reviewChange } from "../../core/pull-request/review.ts";
import { openReview } from "../../git/pull-request/open.ts";
import type { Context } from "../context.ts";

export interface ReviewNames {
  readonly base: string | undefined;
  readonly head: string | undefined;
  readonly code: string | undefined;
}

export async function performReview(
  context: Context,
  names: ReviewNames,
  more: Partial<Pick<ReviewRequest, "push">> = {},
  objects?: Readonly<Record<string, string>>,
): Promise<Review> {
  const { systemEnvironment } = await import("../../git/open.ts");
  const opened = await openReview({ folder: context.folder, ...(objects === undefined ? {} : { objects }) });
  try {
    const request = await opened.request({
      ...(names.base === undefined ? {} : { base: names.base }),
      ...(names.head === undefined ? {} : { head: names.head }),
      ...(names.code === undefined ? {} : { code: names.code }),
    });
    return await reviewChange({ ...request, ...more }, { ...opened.means, now: systemEnvironment.now() });
  } finally {
    await opened.dispose();
  }
}
