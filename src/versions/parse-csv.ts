/** The records of a CSV text, RFC 4180: quotes may hold separators, line ends and doubled quotes. Empty lines are left out. */
export function parseCsv(text: string, separator = ","): string[][] {
  const records: string[][] = [];
  let [record, field, quoted]: [string[], string, boolean] = [[], "", false];
  const endRecord = (): void => {
    if (record.length > 0 || field !== "") records.push([...record, field]);
    [record, field] = [[], ""];
  };
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (quoted) {
      if (character !== '"') field += character;
      else if (text[at + 1] === '"') field += text[++at];
      else quoted = false;
    } else if (character === '"' && field === "") quoted = true;
    else if (character === separator) {
      record.push(field);
      field = "";
    } else if (character === "\n") endRecord();
    else if (character !== "\r" || text[at + 1] !== "\n") field += character;
  }
  endRecord();
  return records;
}
