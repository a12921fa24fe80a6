/** Names come from files and events: none of them steers the terminal or breaks the line. */
export function showName(name: string): string {
  return name.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "\ufffd");
}
