import { beforeEach, expect, test } from "vitest";
import { keys } from "@/api/keys";
import { queryClient } from "@/query-client";
import { makeProject, makeSegment } from "../../../tests/segment";
import { usePlayer } from "../player/player";
import { usePlace } from "../timeline/place";
import { sampleOf } from "./sample";

beforeEach(() => {
  const segments = ["a", "b", "c"].map((id) => makeSegment({ id, text_content: `This is ${id}.` }));
  queryClient.setQueryData(keys.project("project-1"), makeProject(segments));
  return () => {
    queryClient.clear();
    usePlayer.setState(usePlayer.getInitialState(), true);
    usePlace.setState(usePlace.getInitialState(), true);
  };
});

test.each([
  { name: "the segment that is heard", heard: "b", current: "c", sample: "This is b." },
  { name: "the current one while none is", heard: null, current: "c", sample: "This is c." },
  { name: "nothing while there is none", heard: null, current: null, sample: undefined },
  { name: "nothing when it is gone", heard: null, current: "x", sample: undefined },
])("auditions say the text of $name", ({ heard, current, sample }) => {
  usePlayer.setState({ segmentId: heard });
  usePlace.setState({ currentId: current });
  expect(sampleOf("project-1")).toBe(sample);
});
