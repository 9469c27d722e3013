import { expect, test, vi } from "vitest";
import { Stage } from "./stage";

test("who takes the stage makes all others rest, and not itself", () => {
  const stage = new Stage();
  const one = { rest: vi.fn() };
  const other = { rest: vi.fn() };
  stage.take(one);
  stage.take(other);
  expect(one.rest).toHaveBeenCalledTimes(1);
  stage.take(one);
  stage.take(one);
  expect(one.rest).toHaveBeenCalledTimes(1);
  expect(other.rest).toHaveBeenCalledTimes(2);
});
