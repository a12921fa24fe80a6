/** Borders between the words of a name in camelCase. */
const BEFORE_CAPITAL = /(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g;
const SECRET = new RegExp(
  [
    "(?:^|_)(?:pw|pwd|pass|pat|dsn|sas|jwt|auth|authorization|bearer|credentials?|secrets|passwords|tokens",
    "|[a-z0-9]*(?:password|passwd|passphrase|secret|token)",
    "|(?:api|access|private|secret|account|shared|storage|encryption|signing|ssh)_?keys?",
    "|connection_?string)\\d*(?:_|$)",
  ].join(""),
);
/** Names that are about a secret, and have none as their value. */
const ABOUT_SECRET =
  /(?:^(?:max|min|num|n)_.*tokens|application_credentials|_(?:file|path|dir|folder|sock|socket|name|type|method|mode|length|size|count|limit|ttl))$/;

/** True if a name says that its value is a secret: `db_password`, `apiKey`, `X-Auth-Token`. */
export function isSecretName(name: string): boolean {
  const words = name
    .replace(BEFORE_CAPITAL, "_")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_|_$/g, "");
  return SECRET.test(words) && !ABOUT_SECRET.test(words);
}
