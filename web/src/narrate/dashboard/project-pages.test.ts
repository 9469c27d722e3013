import { expect, test } from "vitest";
import { project } from "./fake-server";
import { listed, neighbour } from "./project-pages";

const [fog, sea, sun] = [project("Fog"), project("Sea"), project("Sun")];

test("nothing is listed before anything was answered", () => {
  expect(listed(undefined, new Set())).toEqual({ projects: [], count: 0 });
});

test("a project that two pages have is listed once", () => {
  const pages = [
    { count: 3, results: [fog, sea] },
    { count: 3, results: [sea, sun] },
  ];
  expect(listed(pages, new Set())).toEqual({ projects: [fog, sea, sun], count: 3 });
});

test("what was removed is neither listed nor counted", () => {
  const pages = [{ count: 70, results: [fog, sea] }];
  expect(listed(pages, new Set([fog.id]))).toEqual({ projects: [sea], count: 69 });
});

test("what the server has forgotten is not taken off twice", () => {
  const pages = [{ count: 69, results: [sea] }];
  expect(listed(pages, new Set([fog.id])).count).toBe(69);
});

test("the neighbour is the next one, the one before the last, or none", () => {
  expect(neighbour([fog, sea, sun], fog.id)).toBe(sea);
  expect(neighbour([fog, sea, sun], sun.id)).toBe(sea);
  expect(neighbour([fog], fog.id)).toBeUndefined();
});
