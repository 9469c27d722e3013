import { expect, test } from "vitest";
import type { Transcription } from "./transcriptions";
import { transcriptName, transcriptText } from "./transcript-file";

const heard: Transcription = {
  id: "1",
  name: "talk.mp3",
  state: "done",
  sent: 1,
  duration: 3700,
  segments: [
    {
      start: 0.5,
      end: 1.25,
      text: "Salt & <pepper>.",
      words: [
        { word: "Salt", start: 0.5, end: 0.75 },
        { word: "&", start: 0.75, end: 0.8 },
        { word: "<pepper>.", start: 0.8, end: 1.25 },
      ],
    },
    { start: 3661.9999, end: 3663, text: "Bye.", words: [{ word: "Bye.", start: 3661.9999, end: 3663 }] },
  ],
  end: {
    text: "Salt & <pepper>. Bye.",
    language: "english",
    model: "moonshine-tiny",
    duration: 3700,
    areWordsMeasured: false,
    historyId: null,
  },
  error: null,
};

test("text has a line for each segment", () => {
  expect(transcriptText(heard, "txt")).toBe("Salt & <pepper>.\nBye.\n");
});

test("SubRip numbers its cues and writes milliseconds behind a comma", () => {
  expect(transcriptText(heard, "srt")).toBe(
    "1\n00:00:00,500 --> 00:00:01,250\nSalt & <pepper>.\n\n2\n01:01:02,000 --> 01:01:03,000\nBye.\n",
  );
});

test("WebVTT has its header, and signs of markup are written out", () => {
  expect(transcriptText(heard, "vtt")).toBe(
    "WEBVTT\n\n00:00:00.500 --> 00:00:01.250\nSalt &amp; &lt;pepper&gt;.\n\n01:01:02.000 --> 01:01:03.000\nBye.\n",
  );
});

test("JSON has everything, named as the API names it", () => {
  expect(JSON.parse(transcriptText(heard, "json"))).toEqual({
    task: "transcribe",
    language: "english",
    model: "moonshine-tiny",
    duration: 3700,
    text: "Salt & <pepper>. Bye.",
    words_are_measured: false,
    segments: [
      { id: 0, start: 0.5, end: 1.25, text: "Salt & <pepper>." },
      { id: 1, start: 3661.9999, end: 3663, text: "Bye." },
    ],
    words: heard.segments.flatMap(({ words }) => words),
  });
});

test.each([
  ["talk.mp3", "talk.srt"],
  ["a.b.c", "a.b.srt"],
  ["noextension", "noextension.srt"],
  [".hidden", ".hidden.srt"],
])("a transcript of %s is called %s", (name, file) => expect(transcriptName(name, "srt")).toBe(file));
