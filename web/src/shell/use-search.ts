import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";

const PAUSE_MS = 250;

/**
 * What is searched for, in the address; the draft is what stands in the field, a pause ahead of it. Another
 * search begins on the first page.
 */
export function useSearch() {
  const [params, setParams] = useSearchParams();
  const search = params.get("search") ?? "";
  const [draft, setDraft] = useState(search);
  const [seen, setSeen] = useState(search);
  if (seen !== search) {
    setSeen(search);
    if (draft.trim() !== search) setDraft(search); // Back, or a link
  }

  const wanted = draft.trim();
  useEffect(() => {
    if (wanted === search) return;
    const follow = (now: URLSearchParams) => {
      const next = new URLSearchParams(now);
      next.delete("page");
      if (wanted) next.set("search", wanted);
      else next.delete("search");
      return next;
    };
    const timer = setTimeout(() => setParams(follow, { replace: true }), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [wanted, search, setParams]);

  return { search, draft, setDraft };
}
