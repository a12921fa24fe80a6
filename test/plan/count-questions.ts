/** The same things, which count how often anything in them is asked for. Two looks at one thing give one thing, as without it. */
export function countQuestions<T extends object>(things: T): { things: T; count(): number } {
  const known = new WeakMap<object, object>();
  let questions = 0;
  const watch = <S>(thing: S): S => {
    if (typeof thing !== "object" || thing === null || !isPlain(thing)) return thing;
    const watched = known.get(thing) ?? new Proxy(thing, { get });
    known.set(thing, watched);
    known.set(watched, watched);
    return watched as S;
  };
  const get = (target: object, key: string | symbol, receiver: unknown) => {
    questions += 1;
    return watch(Reflect.get(target, key, receiver));
  };
  return { things: watch(things), count: () => questions };
}

function isPlain(thing: object): boolean {
  return Array.isArray(thing) || Object.getPrototypeOf(thing) === Object.prototype;
}
