/** The current segment in the page's address, so that a link or a reload leads back to it. */
import { useEffect, useRef } from "react";
import { useSearchParams } from "react-router";
import { goTo, usePlace } from "./place";
import { visibleSegments } from "./visible-project";

/** Browsers refuse many changes of the address in a row, as a held key makes them. */
const SETTLED_MS = 250;

export function useSegmentInAddress(projectId: string): void {
  const [search, setSearch] = useSearchParams();
  const named = search.get("segment");
  const written = useRef<string | null>(null);

  useEffect(() => {
    if (named === null || named === written.current) return;
    written.current = named;
    if (visibleSegments(projectId).some(({ id }) => id === named)) goTo(named);
  }, [named, projectId]);

  const write = useRef(setSearch);
  useEffect(() => {
    write.current = setSearch;
  }, [setSearch]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = usePlace.subscribe(({ currentId }) => {
      clearTimeout(timer);
      if (currentId === null || currentId === written.current) return;
      timer = setTimeout(() => {
        written.current = currentId;
        write.current({ segment: currentId }, { replace: true, preventScrollReset: true });
      }, SETTLED_MS);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, []);
}
