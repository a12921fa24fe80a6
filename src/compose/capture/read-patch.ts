import { copyFileSync, existsSync, mkdtempSync, statSync, utimesSync } from "node:fs";
import { join, resolve } from "node:path";
import { readPlainFile } from "../../processes/read-record.ts";
import type { IsOutput } from "./own-outputs.ts";
import { openGit, parseGitlinks, type QuietGit, quietGit } from "./quiet-git.ts";
import { BYTE_CODE } from "./read-git-state.ts";
import { type CleanPatch, leaveOutSecrets } from "./secret-files.ts";
import { isWorkflowLock, LOCK_SUFFIX } from "./workflow-lock.ts";

/** Largest number of outputs: as arguments of one command they take up to half a megabyte. */
const MOST_OUTPUTS = 2_000;

/** Options of `git diff` for a patch that can be applied and looked through, whatever the user's configuration says. */
const PLAIN_DIFF = ["--no-ext-diff", "--no-renames", "--binary", "--no-textconv", "--no-color", "--unified=3"];

/** A checkout, or a submodule of one. */
export interface CodeTree {
  folder: string;
  /** Patterns of what is no code. */
  without: readonly string[];
  isOutput: IsOutput;
  /** New files are left out. */
  tracksOnly: boolean;
  /** Base of the comparison; default: the commit of the checkout. */
  base?: string;
  /** Path in the checkout, with a slash at the end; default: it is the checkout. */
  prefix?: string;
}

export interface PatchLimits {
  /** A folder for indexes of our own: those of the checkout are never touched. */
  scratch: string;
  maxBytes: number;
}

export interface ReadPatch extends CleanPatch {
  /** The text is only the beginning. */
  truncated: boolean;
}

/**
 * Reads all changes of a checkout since its commit, new files and changes in its submodules included, but for files
 * that look like secrets. Throws git's error.
 */
export async function readPatch(tree: CodeTree, limits: PatchLimits): Promise<ReadPatch> {
  const { folder, prefix = "" } = tree;
  const git = await openGit(folder);
  const submodules = await listSubmodules(git, tree.base ?? "HEAD");
  const own = await readOwnPatch(git, tree, { submodules: [...submodules.keys()], ...limits });
  let { text, truncated } = own;
  const leftOut = [...own.leftOut];
  for (const [path, commit] of submodules) {
    const inside = join(folder, path);
    if (truncated || !existsSync(join(inside, ".git"))) continue;
    const before = commit ?? (await quietGit(inside, ["hash-object", "-t", "tree", "/dev/null"])).toString().trim();
    const part = {
      folder: inside,
      without: [BYTE_CODE],
      isOutput: tree.isOutput,
      tracksOnly: tree.tracksOnly,
      base: before,
      prefix: `${prefix}${path}/`,
    };
    const read = await readPatch(part, { ...limits, maxBytes: limits.maxBytes - text.length });
    text = Buffer.concat([text, read.text]);
    truncated = read.truncated;
    leftOut.push(...read.leftOut);
  }
  return { text, truncated, leftOut };
}

/** Lists submodules by path, with their commits in `base`; null for a new one. */
async function listSubmodules(git: QuietGit, base: string): Promise<Map<string, string | null>> {
  const staged = parseGitlinks(await git(["ls-files", "--stage", "-z"]));
  const named = parseGitlinks(await git(["ls-tree", "-r", "-z", base]));
  return new Map([
    ...staged.map(({ path }) => [path, null] as const),
    ...named.map((each) => [each.path, each.commit] as const),
  ]);
}

async function readOwnPatch(
  git: QuietGit,
  { folder, without, isOutput, tracksOnly, base = "HEAD", prefix = "" }: CodeTree,
  { submodules, scratch, maxBytes }: PatchLimits & { submodules: readonly string[] },
): Promise<ReadPatch> {
  const index = join(mkdtempSync(join(scratch, "tree-")), "index");
  const own = (await git(["rev-parse", "--git-path", "index"])).toString().trim();
  const path = resolve(folder, own);
  if (existsSync(path)) copyIndex(path, index);
  const excluded = without.map((glob) => `:(exclude,glob)${glob}`);
  const unread = [...submodules, ...(await listLocks(git, folder)), ...(await listOutputs(git, { folder, isOutput }))];
  const paths = ["--", ".", ...excluded, ...unread.map((name) => `:(exclude,literal)${name}`)];
  if (!tracksOnly) await git(["add", "--intent-to-add", ...paths], { index });
  const places = [`--src-prefix=a/${prefix}`, `--dst-prefix=b/${prefix}`];
  const args = ["diff", ...PLAIN_DIFF, ...places, base, ...paths];
  const { text, truncated } = await cut(git(args, { index, maxBytes }), maxBytes);
  const readFile = (path: string) => readPlainFile(join(folder, path.slice(prefix.length)));
  return { ...leaveOutSecrets(text, readFile), truncated };
}

/** The beginning of what a process prints, as far as it is kept. */
async function cut(printed: Promise<Buffer>, maxBytes: number): Promise<{ text: Buffer; truncated: boolean }> {
  try {
    return { text: await printed, truncated: false };
  } catch (error) {
    const { code, stdout } = error as { code?: string; stdout?: Buffer };
    if (code !== "ERR_CHILD_PROCESS_STDIO_MAXBUFFER" || stdout === undefined) throw error;
    // A line that is cut off could hold a part of a secret that is not seen to be one.
    const begun = stdout.subarray(0, maxBytes);
    return { text: begun.subarray(0, begun.lastIndexOf("\n") + 1), truncated: true };
  }
}

/** The lock files of workflows, in git or not. */
async function listLocks(git: QuietGit, folder: string): Promise<string[]> {
  const pattern = `:(glob)**/*${LOCK_SUFFIX}`;
  const found = await git(["ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", pattern]);
  const names = found.toString().split("\0");
  return names.filter((name) => isWorkflowLock(join(folder, name)));
}

/** Lists files that runs of the workflow wrote and no commit has. If they are more than git takes as arguments, none. */
async function listOutputs(
  git: QuietGit,
  { folder, isOutput }: Pick<CodeTree, "folder" | "isOutput">,
): Promise<string[]> {
  const listings = await Promise.all([
    git(["ls-files", "--modified", "--deleted", "--others", "--exclude-standard", "-z"]),
    git(["diff", "--cached", "--name-only", "-z"]),
  ]);
  const names = new Set(listings.flatMap((listing) => listing.toString().split("\0")));
  const outputs = [...names].filter((name) => name !== "" && isOutput(join(folder, name)));
  return outputs.length > MOST_OUTPUTS ? [] : outputs;
}

/**
 * Makes a copy that is older than the original: git then compares each file written since by its content, even if it
 * looks like its entry in the index (gitformat-index(5), racy-git).
 */
function copyIndex(path: string, copy: string): void {
  copyFileSync(path, copy);
  const written = new Date(Math.floor(statSync(path).mtimeMs) - 1);
  utimesSync(copy, written, written);
}
