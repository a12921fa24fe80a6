/** An option of a command line: the words that say it, one or two, and its value. */
interface GivenOption {
  words: string[];
  value: string;
}

/** Each time that an option with a value stands in a command line: `--set a=1`, `--set=a=1`. */
export function listOption(commandLine: readonly string[], option: string): GivenOption[] {
  return commandLine.flatMap((word, at) => {
    if (word.startsWith(`${option}=`)) return [{ words: [word], value: word.slice(option.length + 1) }];
    const value = word === option ? commandLine[at + 1] : undefined;
    return value === undefined ? [] : [{ words: [word, value], value }];
  });
}
