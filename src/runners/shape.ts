import { isMapping } from "../core/json.ts";

/** Says whether a value from another process has the shape that the protocol promises. */
export type Guard<T> = (value: unknown) => value is T;

export const isText: Guard<string> = (value): value is string => typeof value === "string";
export const isFlag: Guard<boolean> = (value): value is boolean => typeof value === "boolean";
export const isNumber: Guard<number> = (value): value is number => Number.isFinite(value);

export function isOneOf<const T extends string>(...texts: T[]): Guard<T> {
  return (value): value is T => texts.includes(value as T);
}

export function orNull<T>(guard: Guard<T>): Guard<T | null> {
  return (value): value is T | null => value === null || guard(value);
}

/** Guard of a key that may be left out. */
export function isOptional<T>(guard: Guard<T>): Guard<T | undefined> {
  return (value): value is T | undefined => value === undefined || guard(value);
}

export function isListOf<T>(guard: Guard<T>): Guard<T[]> {
  return (value): value is T[] => Array.isArray(value) && value.every(guard);
}

export function isRecordOf<T>(guard: Guard<T>): Guard<Record<string, T>> {
  return (value): value is Record<string, T> => isMapping(value) && Object.values(value).every(guard);
}

/** Other keys may be there too: a newer worker says more. */
export function hasShape<T>(guards: { readonly [K in keyof T]-?: Guard<T[K]> }): Guard<T> {
  const entries = Object.entries(guards) as [string, Guard<unknown>][];
  return (value): value is T =>
    isMapping(value) && entries.every(([key, guard]) => guard(Object.hasOwn(value, key) ? value[key] : undefined));
}
