import { listSections, type PatchSection } from "./patch-sections.ts";
import { addsSecret, type SeenLine, splitLines } from "./secret-lines.ts";

/** Names of files that hold secrets, though they belong in no checkout either. Paths are relative to the checkout. */
const NAMES: readonly RegExp[] = [
  /(^|\/)\.env(rc|\..*)?$/i,
  /\.env$/i,
  /(^|\/)conf\/local\//i,
  /(^|\/)[^/]*credentials[^/]*(\/|$)/i,
  /(^|\/)([._]netrc|\.pgpass|\.pypirc|\.npmrc|\.htpasswd|\.dockercfg|\.s3cfg|\.boto)$/i,
  /(^|\/)id_(rsa|dsa|ecdsa|ed25519)(\.[^/]*)?$/i,
  /\.(pem|key|p12|pfx|jks|keystore|kdbx|ppk|tfvars)$/i,
  /(^|\/)(secrets?|tokens?)\.(ya?ml|json|toml|ini|txt|cfg|conf|properties)$/i,
  /(^|\/)\.(aws|ssh|gnupg|kaggle|kube|docker)\//i,
  /(^|\/)(kubeconfig[^/]*|kaggle\.json|service[-_]account[^/]*\.json)$/i,
];

/** A patch without the files that look like secrets. */
export interface CleanPatch {
  text: Buffer;
  /** Paths of the files that were left out, in order. */
  leftOut: string[];
}

/** Reads a file of a patch as it is now; null if it is not there. Throws if it can't be read. */
export type ReadFile = (path: string) => Buffer | null;

/**
 * Leaves out of a patch each file that looks like a secret: by its name, or by what the patch adds. Of a binary file, the patch does not show the
 * content, so the file is read. What can't be looked at is left out.
 */
export function leaveOutSecrets(patch: Buffer, readFile: ReadFile): CleanPatch {
  const sections = listSections(patch);
  const leftOut = new Set(sections.filter((section) => isSecret(section, readFile)).map(nameSection));
  const kept = sections.filter((section) => !leftOut.has(nameSection(section)));
  return { text: Buffer.from(kept.map(({ text }) => text).join(""), "latin1"), leftOut: [...leftOut] };
}

function nameSection({ path, text }: PatchSection): string {
  return path ?? Buffer.from(text.slice(0, text.indexOf("\n")), "latin1").toString("utf8");
}

function isSecret({ path, text }: PatchSection, readFile: ReadFile): boolean {
  if (path === null || NAMES.some((form) => form.test(path))) return true;
  if (text.includes("\nGIT binary patch\n")) return holdsSecret(() => readFile(path));
  const [, ...hunks] = text.split(/\n(?=@@ )/);
  return hunks.some((hunk) => addsSecret(listNewLines(hunk)));
}

function holdsSecret(read: () => Buffer | null): boolean {
  try {
    const content = read()?.toString("latin1") ?? "";
    return addsSecret(splitLines(content).map((text) => ({ text, isAdded: true })));
  } catch {
    return true;
  }
}

/** Lines of a hunk as they are after the change: those that the patch adds, and those around them. */
function* listNewLines(hunk: string): Generator<SeenLine> {
  for (const line of hunk.split("\n")) {
    if (!/^[+ ]/.test(line)) continue;
    for (const text of splitLines(line.slice(1))) yield { text, isAdded: line.startsWith("+") };
  }
}
