import type { RegistryReader } from "./port/registry.ts";

/** Remembers the answer to a question for each key, until an event of any process is written to the registry. */
export function remember<T>(registry: Pick<RegistryReader, "changeMark">, ask: (key: string) => T): (key: string) => T {
  let mark: string | null = null;
  const answers = new Map<string, T>();
  return (key) => {
    const now = registry.changeMark();
    if (now !== mark) answers.clear();
    mark = now;
    const known = answers.get(key);
    if (known !== undefined) return known;
    const answer = ask(key);
    answers.set(key, answer);
    return answer;
  };
}
