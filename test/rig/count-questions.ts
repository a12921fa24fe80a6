import type { RegistryReader } from "../../src/core/port/registry.ts";

/** A registry that notes the name of every question that is asked through it. `together` asks nothing by itself. */
export function countQuestions<R extends RegistryReader>(registry: R): { registry: R; asked: string[] } {
  const asked: string[] = [];
  const noting = new Proxy(registry, {
    get: (target, name) => {
      const found: unknown = Reflect.get(target, name);
      if (typeof found !== "function") return found;
      return (...values: unknown[]) => {
        if (name !== "together") asked.push(String(name));
        return Reflect.apply(found, target, values);
      };
    },
  });
  return { registry: noting, asked };
}
