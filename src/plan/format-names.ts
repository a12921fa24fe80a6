const MAX_SHOWN = 8;

/** `a, b and 12 more`: names for a message, which has no use for thousands. */
export function formatNames(names: readonly string[]): string {
  const shown = names.slice(0, MAX_SHOWN).join(", ");
  return names.length <= MAX_SHOWN ? shown : `${shown} and ${names.length - MAX_SHOWN} more`;
}
