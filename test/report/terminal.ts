import { displayWidth } from "../../src/report/text/display-width.ts";

interface Row {
  cells: string[];
  /** The next row goes on with this one's line. */
  wraps: boolean;
}

const ESCAPE = "\u001b";
const SEQUENCE = /^\[([?]?)([0-9;]*)([A-Za-z])/;

/** A small terminal: wraps and scrolls, obeys what the window sends, and wraps anew when it becomes narrower. */
export class Terminal {
  columns: number;
  rows: number;
  isCursorVisible = true;
  /** How often the whole screen was erased at once, which some terminals take for a page of its own. */
  clears = 0;
  #lines: Row[] = [{ cells: [], wraps: false }];
  #top = 0;
  #row = 0;
  #column = 0;

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
  }

  write(text: string): void {
    let rest = text;
    while (rest !== "") {
      const sequence = rest.startsWith(ESCAPE) ? SEQUENCE.exec(rest.slice(1)) : null;
      const taken = sequence ? `${ESCAPE}${sequence[0]}` : String.fromCodePoint(rest.codePointAt(0) ?? 0);
      if (sequence) this.#obey(`${sequence[1]}${sequence[3]}`, sequence[2] ?? "");
      else this.#put(taken);
      rest = rest.slice(taken.length);
    }
  }

  resize(columns: number, rows: number): void {
    const lines: Row[] = [];
    let row = 0;
    let column = 0;
    let line: string[] = [];
    this.#lines.forEach(({ cells, wraps }, at) => {
      const cursorAt = at === this.#row ? line.length + Math.min(this.#column, this.columns) : -1;
      line = [...line, ...cells];
      if (wraps) return;
      const first = lines.length;
      do lines.push({ cells: line.splice(0, columns), wraps: line.length > 0 });
      while (line.length > 0);
      if (cursorAt >= 0) {
        const over = cursorAt > 0 && cursorAt % columns === 0 ? 1 : 0;
        row = first + Math.floor(cursorAt / columns) - over;
        column = over === 1 ? columns : cursorAt % columns;
      }
    });
    Object.assign(this, { columns, rows });
    this.#lines = lines;
    this.#row = row;
    this.#column = column;
    this.#top = Math.max(0, row - rows + 1);
  }

  /** Everything that was ever scrolled out, then the screen; whole lines, empty ones at the end left out. */
  get text(): string[] {
    const texts: string[] = [];
    let text = "";
    for (const { cells, wraps } of this.#lines) {
      text += cells.join("");
      if (wraps) continue;
      texts.push(text);
      text = "";
    }
    while (texts.at(-1) === "") texts.pop();
    return texts;
  }

  get scrolledOut(): number {
    return this.#top;
  }

  #obey(command: string, argument: string): void {
    const count = Number(argument || 1);
    if (command === "A") this.#row = Math.max(this.#top, this.#row - count);
    else if (command === "C") this.#column = Math.min(this.columns - 1, this.#column + count);
    else if (command === "K" && argument === "2") this.#line().cells.length = 0;
    else if (command === "J") this.#eraseBelow();
    else if (command === "?h" && argument === "25") this.isCursorVisible = true;
    else if (command === "?l" && argument === "25") this.isCursorVisible = false;
    else if (!["m", "?h", "?l"].includes(command)) throw new Error(`the terminal does not know ${command}`);
  }

  #eraseBelow(): void {
    this.clears += this.#row === this.#top && this.#column === 0 ? 1 : 0;
    this.#lines.length = this.#row + 1;
    const line = this.#line();
    line.cells.length = Math.min(line.cells.length, this.#column);
    line.wraps = false;
  }

  #put(character: string): void {
    if (character === "\r") this.#column = 0;
    else if (character === "\n") this.#feed(false);
    else if (/\p{Cc}/u.test(character)) throw new Error(`control byte ${character.codePointAt(0)}`);
    else this.#print(character, displayWidth(character));
  }

  #print(character: string, width: number): void {
    if (this.#column + width > this.columns) this.#feed(true);
    const { cells } = this.#line();
    while (cells.length < this.#column) cells.push(" ");
    if (width === 0) cells[this.#column - 1] += character;
    else cells.splice(this.#column, width, character, ...new Array<string>(width - 1).fill(""));
    this.#column += width;
  }

  #feed(wraps: boolean): void {
    this.#line().wraps = wraps;
    this.#row += 1;
    this.#column = 0;
    if (this.#row === this.#lines.length) this.#lines.push({ cells: [], wraps: false });
    this.#top = Math.max(this.#top, this.#row - this.rows + 1);
  }

  #line(): Row {
    const line = this.#lines[this.#row];
    if (line === undefined) throw new Error("the cursor left the lines");
    return line;
  }
}
