import { expect, test } from "vitest";
import { checkStoryFile, STORY_FILES, storyOfClipboard, storyOfText } from "./story-file";

function sized(name: string, size: number): File {
  return Object.defineProperty(new File(["Fog."], name), "size", { value: size });
}

function clipboard(text: string, ...files: File[]): DataTransfer {
  return { files, getData: () => text } as unknown as DataTransfer;
}

const MEBIBYTE = 2 ** 20;

test("the formats that the server reads are offered", () => {
  expect(STORY_FILES.split(",")).toEqual([".txt", ".md", ".json", ".epub"]);
});

test.each([
  ["fog.txt", 16],
  ["FOG.MD", 16],
  ["fog.json", 16],
  ["fog.epub", 256],
])("%s may have %i MiB and no byte more", async (name, limit) => {
  await expect(checkStoryFile(sized(name, limit * MEBIBYTE))).resolves.toBeUndefined();
  await expect(checkStoryFile(sized(name, limit * MEBIBYTE + 1))).rejects.toThrow(
    `${name} has ${limit + 0.1} MiB; at most ${limit} MiB can be imported.`,
  );
});

test("what cannot be read is told by its name", async () => {
  const folder = new File([], "stories");
  folder.slice = () =>
    ({ arrayBuffer: () => Promise.reject(new DOMException("", "NotReadableError")) }) as never;
  await expect(checkStoryFile(folder)).rejects.toThrow("stories could not be read.");
});

test("pasted text becomes a file without an extension, so that its content tells its format", async () => {
  const file = storyOfText("# Fog\n\nIt came.");
  expect(file.name).not.toContain(".");
  expect(await file.text()).toBe("# Fog\n\nIt came.");
});

test("a pasted text can be changed afterwards, a pasted file cannot", () => {
  expect(storyOfClipboard(clipboard("Fog."))?.text).toBe("Fog.");
  const file = new File(["Fog."], "fog.txt", { type: "text/plain" });
  expect(storyOfClipboard(clipboard("", file))).toEqual({ file });
});

test("a file comes before the path that lies beside it", () => {
  const file = new File([""], "fog.epub");
  expect(storyOfClipboard(clipboard("/stories/fog.epub", file))?.file).toBe(file);
});

test("a picture of the text is not the story", () => {
  const picture = new File([""], "image.png", { type: "image/png" });
  expect(storyOfClipboard(clipboard("Fog.", picture))?.text).toBe("Fog.");
  expect(storyOfClipboard(clipboard("", picture))).toBeNull();
});

test("blank text is no story", () => {
  expect(storyOfClipboard(clipboard(" \n\t"))).toBeNull();
});
