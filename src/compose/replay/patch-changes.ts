/** Files of which two patches of one commit say different things, in the order in which they stand there. */
export function listPatchChanges(earlier: string, later: string): string[] {
  const [before, after] = [readSections(earlier), readSections(later)];
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => before.get(name) !== after.get(name));
}

const HEADER = "diff --git ";

/** Reads the section of each file in a patch, by its name. No line of content looks like a header: git puts a sign before it. */
function readSections(patch: string): ReadonlyMap<string, string> {
  const sections = patch.split(/^(?=diff --git )/m).filter((section) => section.startsWith(HEADER));
  return new Map(sections.map((section) => [nameOf(section), section]));
}

/** The name on the right of `a/NAME b/NAME`; both are alike, as git is asked for no renames. */
function nameOf(section: string): string {
  const names = section.slice(HEADER.length, section.indexOf("\n")).trimEnd();
  // Half of the line, without the space in the middle and the prefix; in quotes where the name has odd characters.
  const right = names.slice((names.length + 1) / 2);
  return right.replace(/^"?b\//, "").replace(/"$/, "");
}
