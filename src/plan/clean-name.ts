const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** `name` on one line, without control bytes and invisible characters: a name is shown, and moves no cursor. */
export function cleanName(name: string): string {
  return name.toWellFormed().replaceAll(INVISIBLE, "");
}
