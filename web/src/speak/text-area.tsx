import { X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useProgram } from "@/api/program";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Textarea } from "@/ui/input";
import { lengthInCharacters, useDraft } from "./draft";
import { TO_NARRATE } from "./to-narrate";

/** How much of the text the server takes; undefined as long as nobody knows. */
export const useTextLimit = () => useProgram().data?.speech_input_max;

/** What is spoken. Its length is read out only once it is too long. */
export function TextArea() {
  const { t } = useTranslation();
  const text = useDraft((draft) => draft.text);
  const limit = useTextLimit();
  const count = lengthInCharacters(text);
  const isTooLong = limit !== undefined && count > limit;
  return (
    <div className="flex flex-col gap-2">
      <Field
        label={t("speak.text")}
        error={isTooLong ? t("speak.tooLong", { count: count - limit, limit }) : undefined}
      >
        {(control) => (
          <Textarea
            {...control}
            value={text}
            rows={9}
            placeholder={t("speak.placeholder")}
            onChange={({ target }) => useDraft.setState({ text: target.value })}
            className="field-sizing-content max-h-[60dvh] min-h-56 px-4 py-3 font-serif text-base leading-relaxed"
          />
        )}
      </Field>
      {isTooLong && (
        <p className="text-sm">
          {t("speak.forLong")}{" "}
          <Link
            to="/narrate"
            state={TO_NARRATE}
            className="font-medium text-primary underline underline-offset-4"
          >
            {t("speak.toNarrate")}
          </Link>
        </p>
      )}
      <div className="flex items-center justify-between gap-2 text-xs text-muted-foreground">
        <span className="tabular-nums">
          {limit === undefined ? t("speak.characters", { count }) : t("speak.charactersOf", { count, limit })}
        </span>
        {text !== "" && (
          <Button look="quiet" size="small" className="-mr-3" onClick={() => useDraft.setState({ text: "" })}>
            <X aria-hidden />
            {t("speak.clear")}
          </Button>
        )}
      </div>
    </div>
  );
}
