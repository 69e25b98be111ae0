import path from "node:path";
import { NoStoreError } from "../../core/errors.ts";
import { checkOutStore } from "../../git/branch/checkout.ts";
import { MEMORY_BRANCH } from "../../git/git-store.ts";
import { findRepository } from "../../git/repository.ts";
import type { Command } from "../command.ts";

export const checkout: Command = {
  name: "checkout",
  usage: ["checkout [FOLDER]"],
  about:
    "Gives you plain files of a store on its own branch: a work tree of agent-memory, in FOLDER or else in the git folder, never inside the code's work tree. It follows each write, and what you commit there is believed. Run again, it mends the tie between the two after a move.",
  options: {},
  operands: { least: 0, most: 1, name: "a folder" },
  examples: [
    { line: "checkout", says: "Puts the files into .git/memory/tree." },
    { line: "checkout ../memory", says: "Puts them beside the project." },
  ],
  async run(context, args) {
    const { project } = await context.stores();
    const repository = await findRepository(context.folder);
    if (
      project === null ||
      !(await project.exists()) ||
      (await repository.git.run(["show-ref", "--verify", "--quiet", `refs/heads/${MEMORY_BRANCH}`])).ok === false
    )
      throw new NoStoreError(
        "This repository has no store on a branch of its own here. A store in .memory/ is plain files already; for a new one, run git memory init.",
      );
    const wish = args.operand(0);
    const { folder, made } = await checkOutStore(
      repository,
      wish === undefined ? undefined : path.resolve(context.folder, wish),
    );
    return {
      json: { status: made ? "checked-out" : "unchanged", folder },
      lines: [made ? `The memory is checked out in ${folder}.` : `The memory is checked out in ${folder} already.`],
    };
  },
};
