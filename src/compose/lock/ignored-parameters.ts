import { quietGit } from "../capture/quiet-git.ts";

/** Tells of a file of configuration that no checkout has and that may give a parameter, as a clause; null if there is none. */
export type FindIgnored = (parameter: string) => string | null;

/** Kedro's folder for what is of one machine alone. */
const LOCAL = /(?:^|\/)conf\/local\//;

/**
 * Asks git which files of a project's configuration it ignores. `origins` are those files, relative to the project, with the parameters
 * that each may give; null if the project's loader of configuration does not tell.
 */
export async function askIgnored(
  project: string,
  origins: Readonly<Record<string, readonly string[]>> | null | undefined,
): Promise<FindIgnored> {
  if (origins === null) return () => "its project's own loader of configuration does not tell where it comes from";
  const files = Object.keys(origins ?? {});
  const ignored = new Set([...files.filter((file) => LOCAL.test(file)), ...(await listIgnored(project, files))]);
  const gives = [...ignored].map((file) => ({ file, parameters: origins?.[file] ?? [] }));
  return (parameter) => {
    const found = gives.find(({ parameters }) => parameters.some((given) => overlap(given, parameter)));
    return found === undefined ? null : `it may come from ${found.file}, which is in no checkout`;
  };
}

/** Lists ignored files; none where there is no checkout, or no git. */
async function listIgnored(project: string, files: readonly string[]): Promise<string[]> {
  const inside = files.filter((file) => !file.startsWith("../"));
  if (inside.length === 0) return [];
  const literal = inside.map((file) => `:(literal)${file}`);
  const args = ["ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--", ...literal];
  const listed = await quietGit(project, args).catch(() => "");
  return listed.toString().split("\0").filter(Boolean);
}

/** True if one is the other, or a part of it; "" is all. */
function overlap(one: string, other: string): boolean {
  return one === "" || `${one}.`.startsWith(`${other}.`) || `${other}.`.startsWith(`${one}.`);
}
