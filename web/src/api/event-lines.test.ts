import { expect, test } from "vitest";
import { EventLines } from "./event-lines";

test("events are told once they are whole, wherever the pieces were cut", () => {
  const stream =
    'data: {"a":1}\n\nevent: x\nid: 7\ndata: two\ndata: lines\n\n: a comment\n\ndata:[DONE]\r\n\r\n';
  for (let cut = 0; cut <= stream.length; cut++) {
    const lines = new EventLines();
    const told = [...lines.push(stream.slice(0, cut)), ...lines.push(stream.slice(cut))];
    expect(told, `cut at ${cut}`).toEqual(['{"a":1}', "two\nlines", "[DONE]"]);
  }
});

test("an event that is not ended is not told", () => {
  expect(new EventLines().push("data: half\n")).toEqual([]);
});
