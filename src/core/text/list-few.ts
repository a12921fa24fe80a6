/** `a, b, c and 4 more`: the first `most` of them, and how many are left. */
export function listFew(names: readonly string[], most = 3): string {
  const more = names.length - most;
  return more > 0 ? `${names.slice(0, most).join(", ")} and ${more} more` : names.join(", ");
}
