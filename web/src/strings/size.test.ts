import { expect, test } from "vitest";
import "./strings";
import { dataSize } from "./size";

test.each([
  [0, "0 bytes"],
  [1, "1 byte"],
  [999, "999 bytes"],
  [1_000, "1 kB"],
  [26_535_549, "26.5 MB"],
  [325_631_672, "326 MB"],
  [1_400_000_000, "1.4 GB"],
  [5e15, "5,000 TB"],
])("%d is %s", (bytes, words) => expect(dataSize(bytes)).toBe(words));
