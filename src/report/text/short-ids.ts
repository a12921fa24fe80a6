/** Shows texts that people read together, in their order: with all ids whole, or each by its last digits. */
export type ShowIds = (texts: readonly string[]) => string[];

const ID = String.raw`\d{4}-\d{2}-\d{2}T\d{2}\.\d{2}\.\d{2}\.\d{3}Z-[0-9a-f]{12,}`;
/**
 * An id that stands by itself, or that names an entry of the trash. It stays whole in a path, in quotes, in a variable of the
 * environment, and after `run_id: ` or `NAME:`, as workflow files and Kedro take no other.
 */
const ALONE = new RegExp(
  String.raw`(?<=^|[\s(\[@\x60,;]|(?<![A-Z_])=)(?<!run_id: )` +
    String.raw`(?:((?:cleanup|gc|published-over|rollback)-)(${ID})(?=-|(?![\w/\\]|\.\w))|(${ID})(?![\w/\\-]|\.\w))`,
  "g",
);
/** Numbers of last digits that an id is shown by, the fewest first. Every command takes them. */
const LENGTHS = [8, 12];

/** Whole ids, as `--full-ids` asks for. */
export const showWholeIds: ShowIds = (texts) => [...texts];

/** Shows each id by its last 8 digits, or by more where others that were shown have the same last ones. */
export function createShortIds(): ShowIds {
  const known = new Map<string, Set<string>>();
  const note = (id: string) => {
    for (const end of endingsOf(id)) known.set(end, (known.get(end) ?? new Set()).add(id));
  };
  const shorten = (id: string) => endingsOf(id).find((end) => known.get(end)?.size === 1) ?? id;
  return (texts) => {
    for (const text of texts) for (const [, , ofEntry, alone] of text.matchAll(ALONE)) note(ofEntry ?? alone ?? "");
    return texts.map((text) =>
      text.replaceAll(ALONE, (_, prefix = "", ofEntry, alone) => `${prefix}${shorten(ofEntry ?? alone)}`),
    );
  };
}

/** The forms in which people may be shown the id of an entry of the trash. */
export function listEntryForms(id: string): string[] {
  return LENGTHS.map((length) => id.replace(ALONE, (_, prefix, ofEntry) => `${prefix}${ofEntry.slice(-length)}`));
}

function endingsOf(id: string): string[] {
  return LENGTHS.map((length) => id.slice(-length));
}

const HASH = /\bsha256:([0-9a-f]{12})[0-9a-f]{52}\b/g;

/** Shows each hash of content by its first 12 digits, as far as people compare them; `--json` has them whole. */
export function shortenHashes(text: string): string {
  return text.replaceAll(HASH, "sha256:$1");
}
