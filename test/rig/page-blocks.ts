import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

/** The pages that people read, by their paths in the repository. */
export const PAGES: readonly string[] = [
  ...["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"],
  ...readdirSync(join(ROOT, "docs")).map((page) => `docs/${page}`),
];

/** A fenced block of a page. */
export interface PageBlock {
  page: string;
  language: string;
  text: string;
  /** The file that the line before the block names; null for a block that is none. */
  file: string | null;
}

export function readPage(page: string): string {
  return readFileSync(join(ROOT, page), "utf8");
}

/** The fenced blocks of a page, or of one of its sections, in their order. */
export function listBlocks(page: string, section?: string): PageBlock[] {
  const whole = readPage(page);
  const text =
    section === undefined ? whole : (new RegExp(`^## ${section}$(.*?)(?=^## |$(?![^]))`, "ms").exec(whole)?.[1] ?? "");
  const blocks = text.matchAll(/(?:^`([^`\n]+)`:\n\n)?^```(\w+)\n(.*?)^```$/gms);
  return [...blocks].map(([, file = null, language = "", text = ""]) => ({ page, language, text, file }));
}
