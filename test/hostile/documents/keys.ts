import type { Documents } from "./documents.ts";

/** Keys with a meaning of their own, to YAML or to JavaScript. */
export const KEYS = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "valueOf",
  "__defineGetter__",
  "then",
  "<<",
  "=",
];
const KEY_PLACES: Readonly<Record<string, (key: string) => string>> = {
  top: (key) => `{"${key}": {"polluted": 1}, "runs": {"a": {"command": ["ls"]}}}`,
  run: (key) => `{"runs": {"${key}": {"command": ["ls"]}}}`,
  field: (key) => `{"runs": {"a": {"command": ["ls"], "${key}": {"polluted": 1}}}}`,
  defaults: (key) => `{"defaults": {"${key}": {"polluted": 1}}, "runs": {"a": {"command": ["ls"]}}}`,
  params: (key) =>
    `{"runs": {"a": {"pipeline": "p", "project": "none", "params": {"x": {"${key}": {"polluted": 1}}}}}}`,
  axis: (key) => `{"runs": {"a": {"command": ["ls"], "matrix": {"${key}": [1]}}}}`,
  arm: (key) => `{"runs": {"a": {"command": ["ls"], "matrix": {"x": [{"${key}": 1}]}}}}`,
  include: (key) => `{"runs": {"a": {"command": ["ls"], "matrix": {"x": [1], "include": [{"${key}": 1}]}}}}`,
  output: (key) => `{"runs": {"a": {"command": ["ls"], "outputs": {"${key}": "x"}}}}`,
  consumed: (key) => `{"runs": {"a": {"command": ["ls"], "consumes": {"${key}": {"value": 1}}}}}`,
  value: (key) => `{"runs": {"a": {"command": ["ls"], "consumes": {"x": {"value": {"${key}": {"polluted": 1}}}}}}}`,
  where: (key) => `{"runs": {"a": {"command": ["ls"], "consumes": {"x": {"run": "b", "where": {"${key}": 1}}}}}}`,
  variable: (key) => `{"runs": {"a": {"command": ["ls"], "environment": {"${key}": "1"}}}}`,
  retries: (key) => `{"runs": {"a": {"command": ["ls"], "retries": {"max": 1, "${key}": 1}}}}`,
  resources: (key) => `{"resources": {"${key}": 1}, "runs": {"a": {"command": ["ls"]}}}`,
  store: (key) => `{"store": {"${key}": "x"}, "runs": {"a": {"command": ["ls"]}}}`,
};

/** The same key twice, in each mapping. */
export const DUPLICATES: Documents = Object.fromEntries(
  Object.entries(KEY_PLACES).flatMap(([place, write]) => {
    const twice = write("k").replace(/"k": ?("[^"]*"|\{[^{}]*\}|\[[^\]]*\]|\d)/, (pair) => `${pair}, ${pair}`);
    return [
      [`twice-${place}.json`, twice],
      [`twice-${place}.yaml`, twice],
    ];
  }),
);

/** Each of those keys in each mapping. */
export const PROTOTYPES: Documents = Object.fromEntries(
  KEYS.flatMap((key, at) =>
    Object.entries(KEY_PLACES).flatMap(([place, write]) => [
      [`${at}-${place}.json`, write(key)],
      [`${at}-${place}.yaml`, write(key)],
    ]),
  ),
);
