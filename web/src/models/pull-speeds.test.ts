import { beforeEach, expect, test, vi } from "vitest";
import { makePull } from "../../tests/model";
import { useStudio } from "@/api/events";
import { Speedometer, usePullSpeeds } from "./pull-speeds";

test("a speed is that of the last seconds", () => {
  const meter = new Speedometer();
  expect(meter.tell(0, 1000)).toBe(0);
  expect(meter.tell(1000, 3000)).toBe(2000);
  expect(meter.tell(2000, 3000)).toBe(1000);
  expect(meter.tell(10_000, 3000)).toBe(0); // what came before is long ago
});

test("what begins anew has no speed yet", () => {
  const meter = new Speedometer();
  meter.tell(0, 5000);
  meter.tell(1000, 9000);
  expect(meter.tell(2000, 100)).toBe(0);
});

beforeEach(() => useStudio.setState(useStudio.getInitialState(), true));

test("the stream's pulls have speeds while they come", () => {
  const clock = vi.spyOn(performance, "now").mockReturnValue(0);
  const tell = (at: number, bytes_done: number, state: "downloading" | "preparing" = "downloading") => {
    clock.mockReturnValue(at);
    useStudio.setState({ pulls: [makePull({ bytes_done, state })] });
    return usePullSpeeds.getState();
  };
  tell(0, 0);
  expect(tell(500, 1_000_000)).toEqual({ kokoro: 2_000_000 });
  expect(tell(1000, 1_000_000, "preparing")).toEqual({});
});
