import { FilePlus2, FileUp, type LucideIcon, Sparkles } from "lucide-react";
import type { RefObject } from "react";
import { useTranslation } from "react-i18next";
import { Spinner } from "@/ui/spinner";
import { toast } from "@/ui/toast";
import sampleStory from "./sample-story.txt?raw";
import { useProjectMaker } from "./use-project-maker";

interface FirstStepsProps {
  heading: RefObject<HTMLHeadingElement | null>;
  onImport: () => void;
  onNew: () => void;
}

/** Where nothing is yet: three ways to begin. */
export function FirstSteps({ heading, onImport, onNew }: FirstStepsProps) {
  const { t } = useTranslation();
  const { make, isPending } = useProjectMaker();
  const trySample = () =>
    make({ file: new File([sampleStory], "sample-story.txt", { type: "text/plain" }) }, (error) =>
      toast.failed(t("narrate.first.sampleFailed"), error),
    );

  return (
    <section className="mx-auto flex max-w-3xl flex-col items-center gap-8 py-8 text-center sm:py-14">
      <Wave />
      <header className="flex flex-col gap-3">
        <h1
          ref={heading}
          tabIndex={-1}
          className="font-serif text-3xl font-semibold text-balance outline-none"
        >
          {t("narrate.first.title")}
        </h1>
        <p className="mx-auto max-w-xl text-balance text-muted-foreground">{t("narrate.first.about")}</p>
      </header>
      <div className="grid w-full gap-3 sm:grid-cols-3">
        <Step
          icon={Sparkles}
          title={t("narrate.first.sample")}
          about={t("narrate.first.sampleAbout")}
          isBusy={isPending}
          isFirst
          onClick={trySample}
        />
        <Step
          icon={FileUp}
          title={t("narrate.first.import")}
          about={t("narrate.first.importAbout")}
          onClick={onImport}
        />
        <Step
          icon={FilePlus2}
          title={t("narrate.first.empty")}
          about={t("narrate.first.emptyAbout")}
          onClick={onNew}
        />
      </div>
      <p className="text-sm text-muted-foreground">{t("narrate.first.hint")}</p>
    </section>
  );
}

interface StepProps {
  icon: LucideIcon;
  title: string;
  about: string;
  isFirst?: boolean;
  isBusy?: boolean;
  onClick: () => void;
}

function Step({ icon: Icon, title, about, isFirst = false, isBusy = false, onClick }: StepProps) {
  return (
    <button
      type="button"
      disabled={isBusy}
      aria-busy={isBusy}
      onClick={onClick}
      className={`flex flex-row items-start gap-4 rounded-xl border p-4 text-left transition-[border-color,box-shadow] hover:border-input hover:shadow-md sm:flex-col sm:gap-3 sm:p-5 ${
        isFirst ? "border-transparent bg-accent text-accent-foreground" : "bg-card"
      }`}
    >
      <span
        className={`grid size-10 shrink-0 place-items-center rounded-lg [&_svg]:size-5 ${
          isFirst ? "bg-primary text-primary-foreground" : "bg-muted text-foreground"
        }`}
      >
        {isBusy ? <Spinner /> : <Icon aria-hidden />}
      </span>
      <span className="flex flex-col gap-1">
        <span className="font-semibold">{title}</span>
        <span className={`text-sm ${isFirst ? "" : "text-muted-foreground"}`}>{about}</span>
      </span>
    </button>
  );
}

const BARS = [10, 18, 30, 22, 40, 56, 34, 48, 64, 44, 28, 52, 36, 20, 30, 16, 10];

/** A sentence, as it looks. */
function Wave() {
  return (
    <svg aria-hidden viewBox="0 0 204 64" className="h-16 fill-wave">
      {BARS.map((height, place) => (
        <rect key={place} x={place * 12} y={(64 - height) / 2} width="6" height={height} rx="3" />
      ))}
    </svg>
  );
}
