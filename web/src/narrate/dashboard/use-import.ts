import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useNavigate } from "react-router";
import { useDraft } from "@/speak/draft";
import { bringsDraft } from "@/speak/to-narrate";
import { toast } from "@/ui/toast";
import { useFileDrop } from "@/ui/use-file-drop";
import type { Pasted } from "./story-file";
import type { StoryChoice } from "./use-story-preview";
import { useStoryPaste } from "./use-story-paste";

/** The text that somebody came with; the address forgets it, so that going back does not bring it again. */
function useBroughtText(): string {
  const location = useLocation();
  const navigate = useNavigate();
  const isBrought = bringsDraft(location.state);
  const [text] = useState(() => (isBrought ? useDraft.getState().text : ""));

  useEffect(() => {
    if (isBrought) void navigate(location.pathname + location.search, { replace: true, state: null });
  });
  return text;
}

/**
 * The import dialog, and the ways into it: the button, a file dropped on the page, a paste, a draft that
 * Speak cannot take. With another dialog open, nothing is taken.
 */
export function useImport(isOtherOpen: boolean) {
  const { t } = useTranslation();
  const broughtText = useBroughtText();
  const [isOpen, setIsOpen] = useState(broughtText !== "");
  const [choice, setChoice] = useState<StoryChoice | null>(null);
  const [pastedText, setPastedText] = useState(broughtText);
  const count = useRef(0);

  const choose = (file: File | null) => setChoice(file && { number: ++count.current, file });
  const open = (pasted?: Pasted) => {
    choose(pasted?.file ?? null);
    setPastedText(pasted?.text ?? "");
    setIsOpen(true);
  };
  const drop = (files: File[]) => {
    const [file] = files;
    if (files.length > 1) toast.say(t("narrate.import.oneAtATime", { count: files.length }));
    else if (file && isOpen) choose(file);
    else if (file) open({ file });
  };

  const isOver = useFileDrop(drop, !isOtherOpen);
  useStoryPaste(open, !isOtherOpen && !isOpen);
  return { isOpen, setIsOpen, open, choice, choose, pastedText, isOver };
}
