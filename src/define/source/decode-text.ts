import { isUtf8 } from "node:buffer";
import { accept, type Checked, problemAt } from "../../core/error/problem.ts";
import { createLocator } from "./source.ts";

/** The text of a file in UTF-8, a byte order mark left out. Anything else is a problem, and so is an empty file. */
export function decodeText(bytes: Buffer, file: string): Checked<string> {
  const encoding = findOtherEncoding(bytes);
  if (encoding !== null) {
    return reject(file, "", {
      offset: 0,
      code: "file-encoding",
      message: `the file is in ${encoding}`,
      hint: "save it as UTF-8",
    });
  }
  const text = new TextDecoder().decode(bytes);
  const nul = text.indexOf("\0");
  if (nul !== -1) {
    const message = "the file holds a NUL character: it is not a text file";
    return reject(file, text, { offset: nul, code: "file-binary", message, hint: "name the workflow file" });
  }
  if (!isUtf8(bytes)) {
    const offset = Math.max(0, text.indexOf("\ufffd"));
    return reject(file, text, {
      offset,
      code: "file-encoding",
      message: "this is not UTF-8",
      hint: "save the file as UTF-8",
    });
  }
  if (text.trim() === "") {
    return reject(file, text, {
      offset: 0,
      code: "file-empty",
      message: "the file is empty",
      hint: "begin with `runs:`",
    });
  }
  return accept(text);
}

function findOtherEncoding(bytes: Buffer): string | null {
  const [first, second, third, fourth] = bytes;
  if (first === 0xff && second === 0xfe) return third === 0 && fourth === 0 ? "UTF-32" : "UTF-16";
  if (first === 0xfe && second === 0xff) return "UTF-16";
  return null;
}

interface Reason {
  offset: number;
  code: string;
  message: string;
  hint: string;
}

function reject(file: string, text: string, { offset, code, message, hint }: Reason): Checked<string> {
  return { ok: false, problems: [problemAt(createLocator(file, text)(offset), code, message, hint)] };
}
