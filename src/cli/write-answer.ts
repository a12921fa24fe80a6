import { formatJson } from "../report/text/format-json.ts";
import { SCHEMA_VERSION } from "../report/text/schema-version.ts";
import type { AnswerBody, AnswerType } from "./answers/answers.ts";

/** Answers that may be too long for the memory: each has one list, which is named as the answer's type. */
interface Lists {
  sessions: AnswerBody<"sessions">["sessions"];
  runs: AnswerBody<"runs">["runs"];
}

/** Writes the answer of a command for scripts: one object, on a line of its own. */
export function writeAnswer<T extends AnswerType>(type: T, body: AnswerBody<T>): void {
  writeJsonLine({ schema_version: SCHEMA_VERSION, type, ...body });
}

/** Writes JSON that is no answer of a command: events of sessions, and formats of other tools. */
export function writeJsonLine(value: object): void {
  process.stdout.write(`${formatJson(value)}\n`);
}

/** Writes a list as the answer to a command, page by page. Asks for a page only when the reader has taken the page before. */
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

/** Writes a text, and waits until the reader or the disk has taken all of it. */
async function writeWhole(text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(text, (error) => (error == null ? resolve() : reject(error)));
  });
}
