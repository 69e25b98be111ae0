/** What a person is told before a store is put into the code's own branch, one point a line. */
export const BRANCH_PRICE: readonly string[] = [
  "Each write is a commit of this branch: it is in git log, in pull requests, and in what you push.",
  "A branch believes what it has. What is learned on one is known on another after a merge, which can conflict.",
  "A write lands at a quiet moment. Until then it waits on refs/memory/pending/<branch>, already recalled, and is not pushed.",
  "On the remote's default branch nothing lands by itself; git memory land does it.",
  "A claim can be expired and reverted, but its text can't be erased from the code's history by this program.",
];
