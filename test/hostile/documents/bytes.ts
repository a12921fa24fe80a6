import { type Documents, RUN } from "./documents.ts";

/** What an editor, a copy or a bad disk makes of a text, which has to hold "ls". */
export function spoilBytes(text: string): Record<string, string | Buffer> {
  const utf16 = Buffer.from(text, "utf16le");
  return {
    bom: `\ufeff${text}`,
    "two-boms": `\ufeff\ufeff${text}`,
    utf16: utf16,
    "utf16-bom": Buffer.concat([Buffer.from([0xff, 0xfe]), utf16]),
    "utf16-swapped": Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(utf16).swap16()]),
    "utf32-bom": Buffer.concat([Buffer.from([0xff, 0xfe, 0, 0]), Buffer.from(text)]),
    latin1: Buffer.from(text.replace("ls", "l\u00e9"), "latin1"),
    overlong: Buffer.concat([Buffer.from(text), Buffer.from([0xc0, 0xaf])]),
    "cut-short": Buffer.concat([Buffer.from(text), Buffer.from([0xe6, 0xbc])]),
    surrogates: Buffer.concat([Buffer.from(text), Buffer.from([0xed, 0xa0, 0x80])]),
    nul: text.replace("ls", "l\u0000s"),
    nuls: "\u0000".repeat(100_000),
    gzip: Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]),
    sqlite: "SQLite format 3\u0000",
    crlf: text.replaceAll("\n", "\r\n"),
    cr: text.replaceAll("\n", "\r"),
    nel: text.replaceAll("\n", "\u0085"),
    separators: text.replaceAll("\n", "\u2028"),
    escape: text.replace("ls", "\u001b[31mls"),
    "private-use": text.replace("ls", "\ue000\ufffe\uffff"),
    "right-to-left": text.replace("ls", "\u202els"),
    "wide-space": text.replaceAll(" ", "\u00a0"),
    empty: "",
    blank: "   \n\n\t\n",
    "one-brace": "{",
    "one-quote": '"',
  };
}

/** Bytes that are no text, or another one than they look like. */
export const BYTES: Documents = Object.fromEntries(
  (["yaml", "json"] as const).flatMap((ending) => {
    const text = ending === "yaml" ? RUN : '{"runs": {"a": {"command": ["ls"]}}}\n';
    return Object.entries(spoilBytes(text)).map(([name, content]) => [`${name}.${ending}`, content]);
  }),
);
