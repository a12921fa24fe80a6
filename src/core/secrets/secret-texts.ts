import { isSecretName } from "./secret-names.ts";

/** Secrets of a known form, wherever they stand in a line. */
export const TOKEN_FORMS: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY/,
  /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/,
  /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{22}|glpat-[\w-]{20}|xox[abprs]-[\w-]{10}|AIza[\w-]{35}|hf_[A-Za-z0-9]{30})/,
];
const ASSIGNED = /\b(?:password|passwd|pwd|accountkey|sharedaccess(?:key|signature))\s{0,9}=\s{0,9}[^\s;]/i;
/** A password, or a user that is long enough for a token. */
const USER = /:\/\/(?:[^\s/?#]{0,200}:[^\s/?#]{0,1000}|[^\s/?#@:]{16,})@/;
const QUERY = /[?&;]([^=?&;#\s]{1,100})=[^&;#\s]+/g;
const SIGNED = /^(?:sig|signature|key|code|x-(?:amz|goog)-(?:signature|credential))$/i;

/** True if a text is a secret by its form, as a token is, or has one in a URL: a user with a password, a token in its query. */
export function looksSecret(text: string): boolean {
  if (TOKEN_FORMS.some((form) => form.test(text)) || ASSIGNED.test(text) || USER.test(text)) return true;
  return Array.from(text.matchAll(QUERY), ([, name = ""]) => name).some((name) => {
    return isSecretName(name) || SIGNED.test(name);
  });
}
