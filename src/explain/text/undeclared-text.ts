import { formatSource } from "../../plan/consume-source.ts";
import { parseArmName } from "../../plan/expand/matrix.ts";
import type { UndeclaredEnd, UndeclaredRead } from "../undeclared.ts";
import { showName } from "./show-name.ts";

/** Formats reads for people: the data, their writer, and how to declare them. Ends with a line feed. */
export function toUndeclaredText(reads: readonly UndeclaredRead[]): string {
  if (reads.length === 0) return "no undeclared reads\n";
  return `${reads.flatMap(describeRead).join("\n")}\n`;
}

function describeRead(read: UndeclaredRead): string[] {
  const { reader, writer, dataset, node, location, bytes, hash, pinned } = read;
  const by = node === null ? "" : ` in node ${showName(node)}`;
  const pin = pinned === null ? "" : ` (pinned as ${pinned})`;
  return [
    `${showName(reader.run)} (${reader.run_id}) loaded "${showName(dataset)}"${by}${pin}`,
    `    written by ${showName(writer.run)} (${writer.run_id})${describeSession(reader, writer)}`,
    ...(location === null ? [] : [`    at ${showName(location)}`]),
    ...(bytes === null ? [] : [`    ${bytes} bytes${hash === null ? "" : `, ${hash}`}`]),
    `    declare it: consumes: { ${showName(dataset)}: ${suggest(reader, writer)} }`,
  ];
}

function describeSession(reader: UndeclaredEnd, writer: UndeclaredEnd): string {
  return reader.session_id === writer.session_id
    ? ""
    : `, in session ${writer.session_id} of ${showName(writer.workflow)}`;
}

/**
 * Suggests a declaration. A run of an earlier session is named by its id, as its name is another run here. The name of
 * an arm is no name of a run in the file.
 */
function suggest(reader: UndeclaredEnd, writer: UndeclaredEnd): string {
  if (reader.session_id !== writer.session_id) return `{ run_id: ${writer.run_id} }`;
  const source = parseArmName(writer.run);
  return showName(source === null ? writer.run : formatSource(source, parseArmName(reader.run)?.arm ?? {}));
}
