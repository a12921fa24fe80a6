/**
 * JSON.stringify leaves these as they are; a terminal obeys some of them, some turn the direction of writing or hide letters,
 * and some readers end a line at others.
 */
const RAW_CONTROLS = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** A value as JSON that is safe to show: the same value for every reader. */
export function formatJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replaceAll(RAW_CONTROLS, escapeUnit);
}

function escapeUnit(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
