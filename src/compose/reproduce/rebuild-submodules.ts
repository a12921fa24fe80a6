import { existsSync } from "node:fs";
import { isAbsolute, join, normalize, resolve } from "node:path";
import { ReproduceError } from "./reproduce-error.ts";
import { git } from "./run-git.ts";

/** A repository inside a checkout, of which a commit of that names one commit. */
export interface Submodule {
  /** Relative to the top of the checkout. */
  path: string;
  commit: string;
}

interface Rebuilt {
  /** The user's folder with its files. */
  checkout: string;
  /** The same, or where git keeps it if they are gone. */
  repository: string;
  /** Folder in which it is rebuilt. */
  folder: string;
  commit: string;
  /** Path of this checkout in the outermost one, with a slash at the end. */
  prefix: string;
}

/**
 * Rebuilds the submodules of a commit, and theirs, as clones that borrow the objects of those in the user's checkout. Fetches no
 * object. Returns the submodules that the checkout never had: they are empty there too. Throws ReproduceError for one that the
 * checkout has without the commit.
 */
export async function rebuildSubmodules(rebuilt: Rebuilt): Promise<Submodule[]> {
  const { checkout, folder, commit, prefix } = rebuilt;
  const absent: Submodule[] = [];
  const listed = await listSubmodules(folder, commit);
  const names = listed.length === 0 ? new Map<string, string>() : await readNames(folder, commit);
  for (const { path, commit: wanted } of listed) {
    const shown = `${prefix}${path}`;
    const source = await findSource(rebuilt, path, names.get(path) ?? path);
    if (source === null) {
      absent.push({ path: shown, commit: wanted });
      continue;
    }
    const inside = join(folder, path);
    await git(folder, ["clone", "--quiet", "--shared", "--no-checkout", source, inside]);
    await git(inside, ["cat-file", "-e", `${wanted}^{commit}`]).catch(() => refuseGone(shown, { source, wanted }));
    await git(inside, ["checkout", "--quiet", "--detach", wanted]);
    const own = {
      checkout: join(checkout, path),
      repository: source,
      folder: inside,
      commit: wanted,
      prefix: `${shown}/`,
    };
    absent.push(...(await rebuildSubmodules(own)));
  }
  return absent;
}

function refuseGone(path: string, { source, wanted }: { source: string; wanted: string }): never {
  const message = `the submodule ${path} was at ${wanted}, which ${source} does not have any more`;
  const hint = `fetch it from where it was pushed: git -C ${JSON.stringify(source)} fetch origin ${wanted}`;
  throw new ReproduceError("submodule-gone", message, hint);
}

/** `160000 commit <object>\t<path>` */
async function listSubmodules(folder: string, commit: string): Promise<Submodule[]> {
  const entries = (await git(folder, ["ls-tree", "-r", "-z", commit])).split("\0");
  return entries.flatMap((entry) => {
    const [, found = "", path = ""] = /^160000 commit ([0-9a-f]{40,64})\t(.*)$/s.exec(entry) ?? [];
    return isBelow(path) ? [{ path, commit: found }] : [];
  });
}

function isBelow(path: string): boolean {
  return path !== "" && !isAbsolute(path) && normalize(path) === path && !path.startsWith("..");
}

/** Path -> name, as .gitmodules of that commit has them. */
async function readNames(folder: string, commit: string): Promise<Map<string, string>> {
  const args = ["config", "-z", "--blob", `${commit}:.gitmodules`, "--get-regexp", "^submodule\\..*\\.path$"];
  const listed = await git(folder, args).catch(() => "");
  return new Map(
    listed.split("\0").flatMap((entry): [string, string][] => {
      const [, name = "", path = ""] = /^submodule\.(.*)\.path\n(.*)$/s.exec(entry) ?? [];
      return isBelow(name) && path !== "" ? [[path, name]] : [];
    }),
  );
}

/** Finds the submodule's repository: in its place, or, if that was emptied since, in git's own folder. Null if there is none. */
async function findSource({ checkout, repository }: Rebuilt, path: string, name: string): Promise<string | null> {
  const place = join(checkout, path);
  if (existsSync(join(place, ".git"))) return place;
  const kept = join(await findOwnFolder(repository), "modules", name);
  return existsSync(join(kept, "HEAD")) ? kept : null;
}

/** Returns git's own folder of a repository. Git is not asked within such a folder: its working folder may be gone, and git refuses then. */
async function findOwnFolder(repository: string): Promise<string> {
  if (!existsSync(join(repository, ".git"))) return repository;
  return resolve(repository, (await git(repository, ["rev-parse", "--git-common-dir"])).trim());
}
