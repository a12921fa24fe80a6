const SPECIAL = /[\^$\\.*+?()[\]{}|/]/g;

/** Returns the source of a regular expression that matches a text as it is; not for use within `[...]`. */
export function escapePattern(text: string): string {
  return text.replace(SPECIAL, "\\$&");
}
