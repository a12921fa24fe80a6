import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { isHeadless, lacksSubject } from "./style/judge-comments.ts";
import { type Comment, readComments } from "./style/read-comments.ts";

const REPOSITORY = path.resolve(import.meta.dirname, "..");
const MOST_FILES = 25;
const FAULTS: { told: string; most: number; has: (comment: Comment) => boolean }[] = [
  { told: "begin with neither a noun nor a verb", most: 0.1, has: isHeadless },
  { told: "speak of nobody, whoever, nothing or the like", most: 0.03, has: lacksSubject },
];

/** Checks what no other tool does: how comments begin, whom they speak of, and how many files a folder has. With a folder as argument, lists each such comment below it. */
function checkStyle(folder: string | undefined): boolean {
  const files = globSync("src/**/*.{ts,py}", { cwd: REPOSITORY });
  const comments = files.flatMap((file) =>
    readComments(file, readFileSync(path.join(REPOSITORY, file), "utf8")).map((comment) => ({ file, ...comment })),
  );
  const areFew = FAULTS.map(({ told, most, has }) => {
    const found = comments.filter(has);
    const share = found.length / comments.length;
    console.log(
      `${found.length} of ${comments.length} comments ${told}: ${toPercent(share)} (at most ${toPercent(most)})`,
    );
    const listed = folder === undefined ? [] : found.filter(({ file }) => file.startsWith(folder));
    for (const { file, line, text } of listed) console.log(`  ${file}:${line} ${text}`);
    return share <= most;
  });
  const full = findFull(files);
  for (const [name, count] of full) console.log(`${name} has ${count} files: at most ${MOST_FILES}, give it rooms`);
  return areFew.every(Boolean) && full.length === 0;
}

function findFull(files: readonly string[]): [string, number][] {
  const folders = Map.groupBy(files, (file) => path.dirname(file));
  return [...folders]
    .map(([name, { length }]): [string, number] => [name, length])
    .filter(([, count]) => count > MOST_FILES);
}

function toPercent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

process.exitCode = checkStyle(process.argv[2]) ? 0 : 1;
