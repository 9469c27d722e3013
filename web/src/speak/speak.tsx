import type { KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { usePageTitle } from "@/shell/page-title";
import { printedKeys } from "@/shell/shortcut-keys";
import { useClipKeys } from "@/sound/use-clip-keys";
import { useDraft } from "./draft";
import { LanguageField } from "./language-field";
import { PreviousResults } from "./previous-results";
import { ProfileBar } from "./profile-bar";
import { Result } from "./result";
import { SpeakButton, useSpeakDraft } from "./speak-button";
import { TextArea } from "./text-area";
import { WayFields } from "./way-fields";

/** A text, how it is spoken, and what came of it. */
export function Speak() {
  const { t } = useTranslation();
  const { speak } = useSpeakDraft();
  usePageTitle(t("speak.tab"));
  useClipKeys(t("speak.tab"));

  /** From any field; elsewhere it is a shortcut of the page. */
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.nativeEvent.isComposing) return;
    if (!(event.target instanceof Node && event.currentTarget.contains(event.target))) return; // a dialog's
    event.preventDefault();
    speak();
  };
  return (
    <div className="mx-auto flex w-full max-w-6xl flex-col gap-6 px-4 py-6 sm:px-6" onKeyDown={onKeyDown}>
      <header className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
        <h1 className="text-2xl font-semibold">{t("speak.tab")}</h1>
        <ProfileBar />
      </header>
      <div className="grid items-start gap-6 lg:grid-cols-[1fr_20rem]">
        <div className="flex min-w-0 flex-col gap-4">
          <TextArea />
          <div className="flex flex-wrap items-center gap-3">
            <SpeakButton />
            <span className="text-xs text-muted-foreground max-sm:hidden pointer-coarse:hidden">
              {t("speak.hint", { keys: printedKeys("mod+enter").flat().join("+") })}
            </span>
          </div>
          <Result />
        </div>
        <Settings />
      </div>
      <PreviousResults />
    </div>
  );
}

/** Languages are an engine's, and the voice of a profile would speak for one that is left open. */
const OF_ANOTHER_ENGINE = { language: "", profileId: "" };

/** Whoever chooses a voice hears it speak its own language. */
const OF_ANOTHER_VOICE = { language: "" };

function Settings() {
  const { t } = useTranslation();
  const draft = useDraft();
  return (
    <section
      aria-label={t("speak.settings")}
      className="flex min-w-0 flex-col gap-4 rounded-xl border bg-card p-4 shadow-xs"
    >
      <WayFields
        way={draft}
        language={draft.language}
        sample={draft.text}
        onChange={(change) =>
          useDraft.setState({
            ...change,
            ...(change.voice !== undefined && OF_ANOTHER_VOICE),
            ...(change.engine !== undefined && OF_ANOTHER_ENGINE),
          })
        }
      />
      <LanguageField
        engine={draft.engine}
        voice={draft.voice}
        language={draft.language}
        onChange={(change) => useDraft.setState(change)}
      />
    </section>
  );
}
