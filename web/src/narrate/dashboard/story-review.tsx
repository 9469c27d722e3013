import { Image } from "lucide-react";
import { type SubmitEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { StoryPreview } from "@/api/client";
import { Button } from "@/ui/button";
import { DialogButtons } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { Problem } from "@/ui/problem";
import { Spinner } from "@/ui/spinner";
import { listeningTime } from "./listening-time";
import { storyReason } from "./story-file";
import { TITLE_MAX } from "./title-dialog";
import { useProjectMaker } from "./use-project-maker";

interface StoryReviewProps {
  file: File;
  story: StoryPreview;
  onBack: () => void;
}

/** What would be made of a story, with a title that can be changed. Leaving ends the upload. */
export function StoryReview({ file, story, onBack }: StoryReviewProps) {
  const { t } = useTranslation();
  const [title, setTitle] = useState(story.title);
  const { make, isPending, error } = useProjectMaker();
  const upload = useRef<AbortController>(null);
  useEffect(() => () => upload.current?.abort(), []);

  const wanted = title.trim();
  const isChanged = wanted !== "" && wanted !== story.title;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const next = new AbortController();
    if (make({ file, ...(isChanged && { title: wanted }), signal: next.signal })) upload.current = next;
  };

  return (
    <form onSubmit={submit} className="flex min-h-0 flex-col gap-4">
      <TitleField value={title} own={story.title} onChange={setTitle} />
      <Facts story={story} />
      <SegmentList story={story} />
      {error && error.name !== "AbortError" && (
        <Problem title={t("narrate.import.failed")} reason={storyReason(error)} />
      )}
      <DialogButtons>
        {isPending ? (
          <Button look="outline" onClick={() => upload.current?.abort()}>
            {t("ui.cancel")}
          </Button>
        ) : (
          <Button look="outline" onClick={onBack}>
            {t("narrate.import.back")}
          </Button>
        )}
        <Button type="submit" aria-disabled={isPending} aria-live="polite">
          {isPending && <Spinner />}
          {t(isPending ? "narrate.import.making" : "narrate.import.make")}
        </Button>
      </DialogButtons>
    </form>
  );
}

interface TitleFieldProps {
  value: string;
  own: string;
  onChange: (title: string) => void;
}

function TitleField({ value, own, onChange }: TitleFieldProps) {
  const { t } = useTranslation();
  return (
    <Field label={t("narrate.dashboard.projectTitle")}>
      {(control) => (
        <Input
          {...control}
          autoComplete="off"
          maxLength={TITLE_MAX}
          placeholder={own}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

function Facts({ story }: { story: StoryPreview }) {
  const { t } = useTranslation();
  const characters = story.character_count;
  return (
    <dl className="flex flex-wrap gap-x-8 gap-y-3">
      {story.author && <Fact name={t("narrate.import.author")} value={story.author} />}
      <Fact
        name={t("narrate.import.segments")}
        value={t("narrate.import.number", { value: story.segment_count })}
      />
      <Fact name={t("narrate.import.characters")} value={t("narrate.import.number", { value: characters })} />
      <Fact
        name={t("narrate.import.listening")}
        value={t("narrate.import.about", { time: listeningTime(characters) })}
      />
    </dl>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div className="flex min-w-0 flex-col">
      <dt className="text-xs text-muted-foreground">{name}</dt>
      <dd className="font-medium wrap-anywhere tabular-nums">{value}</dd>
    </div>
  );
}

type PreviewSegment = StoryPreview["segments"][number];

/** Can be scrolled with the keyboard, too. */
function SegmentList({ story }: { story: StoryPreview }) {
  const { t } = useTranslation();
  const more = story.segment_count - story.segments.length;
  return (
    <div
      role="region"
      tabIndex={0}
      aria-label={t("narrate.import.segments")}
      className="max-h-[42dvh] min-h-36 overflow-y-auto rounded-lg border bg-background p-4"
    >
      <ol className="flex flex-col gap-4">
        {story.segments.map((segment, index) => (
          <PreviewItem
            key={index}
            number={index + 1}
            segment={segment}
            isNewChapter={segment.chapter !== "" && segment.chapter !== story.segments[index - 1]?.chapter}
          />
        ))}
      </ol>
      {more > 0 && (
        <p className="mt-4 border-t pt-3 text-sm text-muted-foreground">
          {t("narrate.import.more", { count: more })}
        </p>
      )}
    </div>
  );
}

interface PreviewItemProps {
  number: number;
  segment: PreviewSegment;
  isNewChapter: boolean;
}

function PreviewItem({ number, segment, isNewChapter }: PreviewItemProps) {
  const { t } = useTranslation();
  return (
    <li className="flex flex-col gap-2">
      {isNewChapter && (
        <h3 className="border-b pb-1 text-sm font-semibold text-accent-foreground">{segment.chapter}</h3>
      )}
      <div className="flex gap-3">
        <span className="w-7 shrink-0 pt-px text-right text-xs leading-6 text-muted-foreground tabular-nums">
          {number}
        </span>
        <div className="flex min-w-0 flex-col gap-1.5">
          <p
            dir="auto"
            className="font-serif text-[0.95rem] leading-relaxed wrap-anywhere whitespace-pre-line"
          >
            {segment.text_content}
            {segment.is_cut && "…"}
          </p>
          {segment.image_prompt && (
            <p className="flex gap-1.5 text-xs wrap-anywhere text-muted-foreground">
              <Image aria-hidden className="mt-0.5 size-3.5 shrink-0" />
              <span className="sr-only">{t("narrate.import.prompt")}</span>
              {segment.image_prompt}
            </p>
          )}
        </div>
      </div>
    </li>
  );
}
