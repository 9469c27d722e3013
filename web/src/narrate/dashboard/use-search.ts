import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";

const PAUSE_MS = 250;

/** What is searched for, in the address; the draft is what stands in the field, a pause ahead of it. */
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
    const timer = setTimeout(() => setParams(wanted ? { search: wanted } : {}, { replace: true }), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [wanted, search, setParams]);

  return { search, draft, setDraft };
}
