const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** An argument vector as one line for a POSIX shell. */
export function quoteShell(argv: readonly string[]): string {
  return argv.map(quoteWord).join(" ");
}

function quoteWord(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
