import type { Comment } from "./read-comments.ts";

/** Words that neither name the subject of a sentence nor say what a function does. */
const HEADLESS = new Set(
  [
    "of what whether who whose whom whoever which that it its they them their he his",
    "by as from where why how if when without with only not those these this likewise for in on at to into so and or but than",
    "else nobody anybody somebody everybody nothing anything everything since because before after until while although",
    "though both either neither there here more less most also too even still already never always mostly once such unless",
    "unlike like between below above beside besides instead then therefore thus otherwise yet just",
  ].flatMap((words) => words.split(" ")),
);
const NO_SUBJECT =
  /\b(?:nobody|anybody|somebody|everybody|whoever|whomever|whatever|whichever|nothing|in whose stead)\b/i;

/** True if a comment begins with neither a noun nor a verb: "Of what", "Whether it", "What is". */
export function isHeadless({ text }: Comment): boolean {
  const [first] = /^[A-Za-z]+/.exec(text) ?? [""];
  return HEADLESS.has(first.toLowerCase());
}

/** True if a comment speaks of nobody, whoever or the like, where it could name its subject. */
export function lacksSubject({ text }: Comment): boolean {
  return NO_SUBJECT.test(text);
}
