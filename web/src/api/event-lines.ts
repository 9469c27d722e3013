/**
 * The data of server-sent events in a text that comes piece by piece (HTML, 9.2.6). Names and ids of events
 * are passed over: what the API streams says in its data what it is.
 */
export class EventLines {
  #rest = "";
  #data: string[] = [];

  /** The data of the events that this piece completes. */
  push(piece: string): string[] {
    const lines = (this.#rest + piece).split(/\r\n|\n|\r(?!$)/); // a CR at the end may be half of a CRLF
    this.#rest = lines.pop() ?? "";
    return lines.flatMap((line) => this.#take(line));
  }

  #take(line: string): string[] {
    if (line.startsWith("data:")) {
      this.#data.push(line.slice(line.startsWith("data: ") ? 6 : 5));
      return [];
    }
    if (line !== "" || this.#data.length === 0) return [];
    const data = this.#data.join("\n");
    this.#data = [];
    return [data];
  }
}
