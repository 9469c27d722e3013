/**
 * A field to search in and the voices that fit, by language and gender. The focus stays in the field (a
 * combobox with a grid: ARIA Authoring Practices): the arrows walk the voices, Enter takes one, Shift+Enter
 * lets it be heard.
 */
import { Check, Square, Volume2 } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Voice } from "@/api/client";
import { classes } from "@/ui/classes";
import { Button } from "@/ui/button";
import { Input } from "@/ui/input";
import { Spinner } from "@/ui/spinner";
import { auditioner, useAudition } from "./audition";
import { findVoices, groupVoices } from "./voice-names";

interface VoicePickerProps {
  voices: readonly Voice[];
  current: string;
  /** The one that is marked at first. */
  start: string;
  onChoose: (id: string) => void;
  onListen: (id: string) => void;
}

export function VoicePicker({ voices, current, start, onChoose, onListen }: VoicePickerProps) {
  const { t } = useTranslation();
  const id = useId();
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(start);
  const groups = groupVoices(findVoices(voices, query));
  const found = groups.flatMap((group) => group.voices);
  const index = Math.max(
    0,
    found.findIndex((voice) => voice.id === active),
  );
  const marked = found[index];
  const rowId = (voice: Voice) => `${id}-${voice.id}`;

  const move = (by: number) => {
    const next = found[(index + by + found.length) % found.length];
    if (next) setActive(next.id);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") move(1);
    else if (event.key === "ArrowUp") move(-1);
    else if (event.key === "Enter" && marked) (event.shiftKey ? onListen : onChoose)(marked.id);
    else return;
    event.preventDefault();
  };

  return (
    <div className="flex min-h-0 flex-col gap-2">
      <Input
        className="shrink-0"
        role="combobox"
        type="search"
        aria-label={t("voice.search")}
        placeholder={t("voice.search")}
        aria-autocomplete="list"
        aria-haspopup="grid"
        aria-expanded
        aria-controls={`${id}-list`}
        aria-describedby={`${id}-hint`}
        {...(marked && { "aria-activedescendant": rowId(marked) })}
        value={query}
        onChange={(event) => setQuery(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <p id={`${id}-hint`} className="text-xs text-muted-foreground max-sm:sr-only">
        {t("voice.hint")}
      </p>
      {found.length === 0 && (
        <p role="status" className="py-2 text-sm text-muted-foreground">
          {t("voice.none")}
        </p>
      )}
      <div
        role="grid"
        id={`${id}-list`}
        aria-label={t("voice.list")}
        tabIndex={-1}
        className="min-h-0 flex-1 overflow-y-auto"
      >
        {groups.map(({ language, gender, voices: members }) => (
          <div role="rowgroup" key={`${language} ${gender}`}>
            <div role="row">
              <div
                role="rowheader"
                className="sticky top-0 bg-card px-2 pt-2 pb-1 text-xs font-medium text-muted-foreground"
              >
                {[language, genderName(gender)].filter(Boolean).join(" · ")}
              </div>
            </div>
            {members.map((voice) => (
              <Row
                key={voice.id}
                id={rowId(voice)}
                voice={voice}
                isCurrent={voice.id === current}
                isMarked={voice === marked}
                onChoose={() => {
                  setActive(voice.id);
                  onChoose(voice.id);
                }}
                onListen={() => {
                  setActive(voice.id);
                  onListen(voice.id);
                }}
              />
            ))}
          </div>
        ))}
      </div>
    </div>
  );

  function genderName(gender: string): string {
    if (gender === "female") return t("voice.female");
    return gender === "male" ? t("voice.male") : gender;
  }
}

interface RowProps {
  id: string;
  voice: Voice;
  isCurrent: boolean;
  isMarked: boolean;
  onChoose: () => void;
  onListen: () => void;
}

function Row({ id, voice, isCurrent, isMarked, onChoose, onListen }: RowProps) {
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!isMarked) return;
    // A popover has its height a frame after it was opened.
    const frame = requestAnimationFrame(() => row.current?.scrollIntoView({ block: "nearest" }));
    return () => cancelAnimationFrame(frame);
  }, [isMarked]);
  return (
    <div
      ref={row}
      role="row"
      id={id}
      aria-selected={isCurrent}
      className={classes("flex items-center rounded-md", isMarked && "bg-accent text-accent-foreground")}
    >
      <div
        role="gridcell"
        className="flex min-w-0 flex-1 cursor-pointer items-center gap-2 px-2 py-2 text-sm"
        onClick={onChoose}
      >
        <Check aria-hidden className={classes("size-4 shrink-0", !isCurrent && "invisible")} />
        <span className="truncate">{voice.name}</span>
        <span className="truncate text-xs text-muted-foreground">{voice.id}</span>
      </div>
      <div role="gridcell">
        <ListenButton voice={voice} onListen={onListen} />
      </div>
    </div>
  );
}

function ListenButton({ voice, onListen }: { voice: Voice; onListen: () => void }) {
  const { t } = useTranslation();
  const status = useAudition((now) => (now.voice === voice.id ? now.status : "idle"));
  const isOn = status === "loading" || status === "playing";
  return (
    <Button
      look="quiet"
      size="small-icon"
      tabIndex={-1} // Shift+Enter in the field does the same
      aria-label={t(isOn ? "voice.stop" : "voice.listen", { voice: voice.name })}
      onClick={isOn ? () => auditioner.stop() : onListen}
    >
      {status === "loading" ? <Spinner /> : isOn ? <Square /> : <Volume2 />}
    </Button>
  );
}
