import { createHmac } from "node:crypto";

/** A record, and the seal at its end: `{"a":1,"seal":"..."}`. */
const SEALED = /^(?<record>\{.+),"seal":"(?<seal>[0-9a-f]{64})"\}$/s;

/** Adds the seal to a record, the text of a JSON object that is not empty. Only who has `word` can make it, and for this text alone. */
export function sealRecord(text: string, word: string): string {
  return `${text.slice(0, -1)},"seal":"${digest(text, word)}"}`;
}

/** True if a record was sealed with `word`, and is still what was sealed. */
export function holdsSeal(text: string, word: string): boolean {
  const { record, seal } = SEALED.exec(text)?.groups ?? {};
  return record !== undefined && seal === digest(`${record}}`, word);
}

function digest(text: string, word: string): string {
  return createHmac("sha256", word).update(text).digest("hex");
}
