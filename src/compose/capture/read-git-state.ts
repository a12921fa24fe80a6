import { readFileSync, realpathSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import type { GitState } from "../../core/run.ts";
import { findCheckout } from "./find-checkout.ts";
import type { IsOutput } from "./own-outputs.ts";
import { openGit, type QuietGit } from "./quiet-git.ts";
import { isWorkflowLock } from "./workflow-lock.ts";

const NO_GIT: GitState = { commit: null, dirty: null };

/** Byte code that a run itself leaves beside the sources, which no template's .gitignore forgets, though a project may have none. */
export const BYTE_CODE = "**/__pycache__/**";

/** File of anchors, beside the state folder: runweave adds to it, and no run reads it. */
export const ANCHOR_FILE = "runweave-anchors.jsonl";

/** Patterns with a class: `git add` (2.39) refuses to leave out by its name a file that .gitignore leaves out too. */
const NO_CODE = ["[d]ata/**", "[l]ogs/**"];

/**
 * Lists files of a checkout that are no code, as patterns of git: byte code, anchors, and the folders in which a Kedro project
 * at `from` keeps data and logs, by Kedro's own layout. Runs write there, and what they read is compared by its
 * content.
 */
export function listNoCode(from: string, checkout: string): string[] {
  const isKedro = /^\s*\[tool\.kedro\]/m.test(readText(join(from, "pyproject.toml")));
  const project = relative(checkout, from);
  const isInside = project !== ".." && !project.startsWith("../../") && !isAbsolute(project);
  const folders = isKedro && isInside ? NO_CODE.map((glob) => escapeGlob(project) + glob) : [];
  return [BYTE_CODE, `**/${ANCHOR_FILE}`, ...folders];
}

function escapeGlob(folder: string): string {
  return folder === "" ? "" : `${folder.replace(/[\\*?[\]]/g, "\\$&")}/`;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Files of a checkout that are no code. */
export interface NoCode {
  /** Patterns of git. */
  without: readonly string[];
  /** Outputs of the workflow's runs, which may become known while git works. */
  outputs: Promise<IsOutput>;
  /** New files are no change. */
  tracksOnly?: boolean;
}

const BYTE_CODE_ALONE: NoCode = { without: [BYTE_CODE], outputs: Promise.resolve(() => false) };

/**
 * The commit of the checkout around `folder` and whether any code in it has changed since; nulls where there is no git.
 */
export async function readGitState(folder: string, noCode: NoCode = BYTE_CODE_ALONE): Promise<GitState> {
  const { without, outputs, tracksOnly = false } = noCode;
  try {
    // Starting git to hear that there is no repository would cost each session a process.
    if (findCheckout(realpathSync(folder)) === null && process.env.GIT_DIR === undefined) return NO_GIT;
    const paths = ["--", ".", ...without.map((glob) => `:(exclude,glob)${glob}`)];
    const format = ["--porcelain=v2", "-z", "--branch", "--ignore-submodules=none"];
    const untracked = `--untracked-files=${tracksOnly ? "no" : "normal"}`;
    const git = await openGit(folder);
    const lines = (await git(["status", ...format, untracked, ...paths]))
      .toString()
      .split("\0")
      .filter((line) => line !== "");
    const oid = lines.find((line) => line.startsWith("# branch.oid "))?.slice("# branch.oid ".length);
    const changes = lines.filter((line) => !line.startsWith("#"));
    const isOutput = changes.length === 0 ? () => false : await outputs;
    const isOwn = (name: string) => isWorkflowLock(join(folder, name)) || isOutput(join(folder, name));
    const isChange = async (line: string) => {
      if (await isNoCode(git, pathOf(line), isOwn)) return false;
      const inside = namesOnlyInside(line);
      return (
        inside === null ||
        (await readGitState(join(folder, inside), { ...BYTE_CODE_ALONE, tracksOnly })).dirty !== false
      );
    };
    return {
      commit: oid === undefined || oid === "(initial)" ? null : oid,
      dirty: (await Promise.all(changes.map(isChange))).includes(true),
    };
  } catch {
    return NO_GIT;
  }
}

/** A folder of new files alone is one path, with a slash at its end. */
async function isNoCode(git: QuietGit, name: string, isOwn: (name: string) => boolean): Promise<boolean> {
  if (isOwn(name)) return true;
  if (!name.endsWith("/")) return false;
  const listing = (
    await git(["ls-files", "--others", "--exclude-standard", "-z", "--", `:(literal)${name}`])
  ).toString();
  return listing.split("\0").every((each) => each === "" || isOwn(each));
}

/** The path that a line of `git status --porcelain=v2 -z` names. */
function pathOf(line: string): string {
  const fields = { "1": 8, "2": 9, u: 10, "?": 1 }[line.slice(0, line.indexOf(" "))] ?? 0;
  return line.split(" ").slice(fields).join(" ");
}

/**
 * The path of a submodule of which only the files differ, and neither its commit nor what is staged of it; else null.
 * `1 .M S.MU 160000 160000 160000 <object> <object> <path>`: git-status(1).
 */
function namesOnlyInside(line: string): string | null {
  const [, path = null] = /^1 \.. S\.[.M][.U] (?:\S+ ){5}(.*)$/s.exec(line) ?? [];
  return path;
}
