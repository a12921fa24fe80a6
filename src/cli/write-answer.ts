import { formatJson } from "../report/text/format-json.ts";
import { SCHEMA_VERSION } from "../report/text/schema-version.ts";
import type { AnswerBody, AnswerType } from "./answers/answers.ts";

/** Answers that may be too long to be held in memory: each is a list under its own name. */
interface Lists {
  sessions: AnswerBody<"sessions">["sessions"];
  runs: AnswerBody<"runs">["runs"];
}

/** Writes the answer of a command for scripts: one object, on a line of its own. */
export function writeAnswer<T extends AnswerType>(type: T, body: AnswerBody<T>): void {
  writeJsonLine({ schema_version: SCHEMA_VERSION, type, ...body });
}

/** Writes JSON in a form that is not ours: events of sessions, and formats of other tools. */
export function writeJsonLine(value: object): void {
  process.stdout.write(`${formatJson(value)}\n`);
}

/** Writes a list as the answer to a command, page by page: no page is asked for before the reader has taken the one before. */
export async function writeList<T extends keyof Lists>(
  type: T,
  pages: Iterable<Lists[T] & readonly unknown[]>,
): Promise<void> {
  let separator = `${formatJson({ schema_version: SCHEMA_VERSION, type }).slice(0, -1)},"${type}":[`;
  const head = separator;
  for (const page of pages) {
    if (page.length === 0) continue;
    await writeWhole(`${separator}${page.map((item) => formatJson(item)).join(",")}`);
    separator = ",";
  }
  await writeWhole(separator === head ? `${head}]}\n` : "]}\n");
}

/** Ends when the reader, or the disk, has taken it all. */
async function writeWhole(text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(text, (error) => (error == null ? resolve() : reject(error)));
  });
}
