import { join } from "node:path";
import { expect, it } from "vitest";
import { listBlocks, PAGES } from "../rig/page-blocks.ts";
import { makePageShell, runBlock } from "../rig/page-steps.ts";
import { makeTemporaryFolder } from "../rig/temporary-folder.ts";
import { writeFiles } from "../rig/toy-project.ts";

/** Pages with a section `## Example`: its files and commands, in their order. The tutorial has a test of its own. */
const EXAMPLES = PAGES.map((page) => [page, listBlocks(page, "Example")] as const).filter(
  ([page, blocks]) => blocks.length > 0 && page !== "docs/tutorial.md",
);

it("are there for what people do most", () => {
  const pages = EXAMPLES.map(([page]) => page);
  for (const page of ["replay", "resume", "reuse", "lineage", "taint", "heal", "trash"])
    expect(pages).toContain(`docs/${page}.md`);
});

it.each(EXAMPLES)("the example of %s works word by word in a clean folder, and shows what it prints", (_, blocks) => {
  const suite = makeTemporaryFolder();
  const folder = join(suite, "here");
  makePageShell({ suite, folder });
  for (const { file, language, text } of blocks) {
    if (file !== null) writeFiles(folder, { [file]: text });
    else if (language === "console") runBlock(text, { suite, folder });
  }
});
