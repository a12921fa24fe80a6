import { ModuleError } from "./module-error.ts";

/**
 * A value that an output is to hold, as JSON. Throws ModuleError for what JSON can't hold, or would hold as something else without
 * a word: functions, symbols, BigInt, cycles, NaN and infinities, maps, sets and bytes. A member that is undefined is left out.
 */
export function formatJson(value: unknown, name: string): string {
  const refuse = (what: string, key: string): never => {
    const where = key === "" ? "" : ` at "${key}"`;
    throw new ModuleError("InvalidResult", `the value of "${name}" is not JSON: it has ${what}${where}`);
  };
  if (value === undefined) refuse("undefined", "");
  try {
    return `${JSON.stringify(value, (key, member) => {
      const fault = findFault(member);
      return fault === null ? member : refuse(fault, key);
    })}\n`;
  } catch (error) {
    if (error instanceof TypeError && error.message.includes("circular")) return refuse("a cycle", "");
    throw error;
  }
}

function findFault(value: unknown): string | null {
  switch (typeof value) {
    case "function":
    case "symbol":
    case "bigint":
      return `a ${typeof value}`;
    case "number":
      return Number.isFinite(value) ? null : String(value);
    default:
      if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return "bytes, which are saved only by themselves";
      return value instanceof Map || value instanceof Set ? `a ${value.constructor.name}` : null;
  }
}
