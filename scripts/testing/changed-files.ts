import { execFileSync } from "node:child_process";

/** Files of the working tree that are not as in a commit, new ones included, removed ones not: paths in the repository. */
export function listChangedFiles(root: string, since: string): string[] {
  const git = (...args: string[]) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).split("\0");
  const changed = git("diff", "--name-only", "--no-renames", "--diff-filter=d", "-z", since, "--");
  const added = git("ls-files", "--others", "--exclude-standard", "-z");
  return [...new Set([...changed, ...added])].filter((file) => file !== "").sort();
}
