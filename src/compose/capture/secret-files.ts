import { TOKEN_FORMS } from "../../core/secrets/secret-texts.ts";

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

/** Texts that are secrets by their form, in one line. */
const FORMS: readonly RegExp[] = [
  ...TOKEN_FORMS,
  /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@"'${}]{1,100}:[^\s/@"'${}]{3,100}@/i,
  /(password|passwd|secret|token|api_?-?key|access_?-?key)["']?\s{0,9}[:=]\s{0,9}(["'])[^"'${}\s]{8,200}\2/i,
  /^\s*["']?[\w.-]{0,60}(password|passwd|secret_?-?key|api_?-?key|access_?-?token)["']?\s*:\s*[^\s"'${}#&*|>[][^\s${}]{7,200}\s*$/i,
];

/** Longer lines are data rather than settings. */
const MAX_LINE = 2_000;

/** A patch without the files that look like secrets. */
export interface CleanPatch {
  text: Buffer;
  /** Paths of the files that were left out, in order. */
  leftOut: string[];
}

/**
 * Leaves out of a patch each file that looks like a secret: by its name, or by a line that the patch adds. `names` are the paths of its
 * files, in its order, as `git diff --name-only` has them.
 */
export function leaveOutSecrets(patch: Buffer, names: readonly string[]): CleanPatch {
  // Latin-1 makes one character of each byte, for files of every encoding.
  const sections = patch.toString("latin1").split(/^(?=diff --git )/m);
  const leftOut = names
    .slice(0, sections.length)
    .filter((name, at) => isSecretName(name) || addsSecret(sections[at] ?? ""));
  const dropped = new Set(leftOut);
  const kept = sections.filter((_, at) => !dropped.has(names[at] ?? ""));
  return { text: Buffer.from(kept.join(""), "latin1"), leftOut };
}

function isSecretName(path: string): boolean {
  return NAMES.some((form) => form.test(path));
}

function addsSecret(section: string): boolean {
  return section
    .split("\n")
    .some((line) => line.startsWith("+") && line.length < MAX_LINE && FORMS.some((form) => form.test(line.slice(1))));
}
