/** Mixes voices: each has a share of the mixture. */
import { Plus, Square, Trash2, Volume2 } from "lucide-react";
import { type SubmitEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { VoiceList } from "@/api/client";
import { Button } from "@/ui/button";
import { Dialog, DialogButtons } from "@/ui/dialog";
import { IconButton } from "@/ui/icon-button";
import { Select } from "@/ui/select";
import { Slider } from "@/ui/slider";
import { auditioner, useAudition } from "@/voice/audition";
import { AuditionError } from "@/voice/audition-error";
import { groupVoices } from "@/voice/voice-names";
import {
  type BlendPart,
  formatBlend,
  parseBlend,
  PARTS_MAX,
  PARTS_MIN,
  SHARE_MIN,
  shareMax,
  sharesOf,
  withShare,
  withVoice,
} from "./blend";

interface BlendDialogProps extends Omit<BlendFormProps, "onCancel"> {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
}

interface BlendFormProps {
  list: VoiceList;
  /** What speaks now: a blend to change, or its first voice. */
  voice: string;
  onChoose: (blend: string) => void;
  onListen: (blend: string) => void;
  onCancel: () => void;
}

export function BlendDialog({ isOpen, onOpenChange, onChoose, ...form }: BlendDialogProps) {
  const { t } = useTranslation();
  const setOpen = (open: boolean) => {
    if (!open) auditioner.stop();
    onOpenChange(open);
  };
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={setOpen}
      title={t("speak.blend.title")}
      about={t("speak.blend.about")}
    >
      <BlendForm
        {...form}
        onCancel={() => setOpen(false)}
        onChoose={(blend) => {
          setOpen(false);
          onChoose(blend);
        }}
      />
    </Dialog>
  );
}

/** A voice that is none of these yet. */
function another({ data }: VoiceList, parts: readonly BlendPart[]): string {
  const taken = new Set(parts.map(({ voice }) => voice));
  return (data.find(({ id }) => !taken.has(id)) ?? data[0])?.id ?? "";
}

function startOf(list: VoiceList, voice: string): BlendPart[] {
  const known = (parts: BlendPart[]) => parts.every((part) => list.data.some(({ id }) => id === part.voice));
  const parts = parseBlend(voice);
  if (parts && known(parts)) return parts;
  const first = { voice: list.data.some(({ id }) => id === voice) ? voice : list.default_voice, weight: 1 };
  return [first, { voice: another(list, [first]), weight: 1 }];
}

function BlendForm({ list, voice, onChoose, onListen, onCancel }: BlendFormProps) {
  const { t } = useTranslation();
  const [parts, setParts] = useState(() => startOf(list, voice));
  const shares = sharesOf(parts);
  const blend = formatBlend(parts);
  const setVoice = (place: number, voice: string) =>
    setParts(parts.map((part, index) => (index === place ? { ...part, voice } : part)));
  const use = (event: SubmitEvent) => {
    event.preventDefault();
    onChoose(blend);
  };

  return (
    <form onSubmit={use} className="flex flex-col gap-4">
      <ol className="flex flex-col gap-3">
        {parts.map((part, place) => (
          <li key={place}>
            <Part
              list={list}
              part={part}
              number={place + 1}
              share={shares[place] ?? 0}
              shareMax={shareMax(parts)}
              canRemove={parts.length > PARTS_MIN}
              onVoiceChange={(next) => setVoice(place, next)}
              onShareChange={(next) => setParts(withShare(parts, place, next))}
              onRemove={() => setParts(parts.filter((_, index) => index !== place))}
            />
          </li>
        ))}
      </ol>
      <div className="flex flex-wrap gap-2">
        {parts.length < PARTS_MAX && (
          <Button
            look="outline"
            size="small"
            onClick={() => setParts(withVoice(parts, another(list, parts)))}
          >
            <Plus aria-hidden />
            {t("speak.blend.add")}
          </Button>
        )}
        <ListenButton blend={blend} onListen={onListen} />
      </div>
      <p className="text-xs wrap-anywhere text-muted-foreground">{blend}</p>
      <AuditionError />
      <DialogButtons>
        <Button look="outline" onClick={onCancel}>
          {t("ui.cancel")}
        </Button>
        <Button type="submit">{t("speak.blend.use")}</Button>
      </DialogButtons>
    </form>
  );
}

function ListenButton({ blend, onListen }: { blend: string; onListen: (blend: string) => void }) {
  const { t } = useTranslation();
  const isOn = useAudition(
    ({ voice, status }) => voice === blend && status !== "failed" && status !== "idle",
  );
  return (
    <Button look="outline" size="small" onClick={() => (isOn ? auditioner.stop() : onListen(blend))}>
      {isOn ? <Square aria-hidden /> : <Volume2 aria-hidden />}
      {t(isOn ? "speak.blend.stop" : "speak.blend.listen")}
    </Button>
  );
}

interface PartProps {
  list: VoiceList;
  part: BlendPart;
  /** From 1. */
  number: number;
  /** Percent of the mixture. */
  share: number;
  shareMax: number;
  canRemove: boolean;
  onVoiceChange: (voice: string) => void;
  onShareChange: (share: number) => void;
  onRemove: () => void;
}

function Part({
  list,
  part,
  number,
  share,
  shareMax,
  canRemove,
  onVoiceChange,
  onShareChange,
  onRemove,
}: PartProps) {
  const { t } = useTranslation();
  return (
    <div
      role="group"
      aria-label={t("speak.blend.part", { number })}
      className="grid grid-cols-[1fr_auto] items-center gap-x-3 gap-y-1 sm:grid-cols-[1fr_8rem_3rem_auto]"
    >
      <Select
        aria-label={t("speak.blend.voice", { number })}
        value={part.voice}
        onChange={({ target }) => onVoiceChange(target.value)}
      >
        {groupVoices(list.data).map(({ language, gender, voices }) => (
          <optgroup key={`${language} ${gender}`} label={[language, gender].filter(Boolean).join(" · ")}>
            {voices.map(({ id, name }) => (
              <option key={id} value={id}>
                {t("speak.blend.voiceOf", { name, language })}
              </option>
            ))}
          </optgroup>
        ))}
      </Select>
      <div className="order-last sm:order-none">
        <Slider
          value={share}
          min={SHARE_MIN}
          max={shareMax}
          step={1}
          label={t("speak.blend.shareOf", { number })}
          valueText={t("speak.blend.share", { share })}
          onChange={onShareChange}
        />
      </div>
      <span aria-hidden className="order-last text-right text-sm tabular-nums sm:order-none">
        {t("speak.blend.share", { share })}
      </span>
      <IconButton
        size="small-icon"
        label={t("speak.blend.remove", { number })}
        aria-disabled={!canRemove}
        onClick={() => canRemove && onRemove()}
      >
        <Trash2 />
      </IconButton>
    </div>
  );
}
