import type { RegistryReader } from "./port/registry.ts";

/** Answers to one question for each key, asked anew once anything has been written to the registry, by whatever process. */
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
