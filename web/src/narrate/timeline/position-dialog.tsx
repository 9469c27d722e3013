import { type SubmitEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/ui/button";
import { Dialog, DialogButtons } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";

interface PositionDialogProps {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  title: string;
  /** Where it is now, from 1. */
  number: number;
  count: number;
  action: string;
  /** Called once the dialog is gone, so that focus can go to the place. */
  onChoose: (number: number) => void;
}

/** Asks for a place in the timeline. */
export function PositionDialog({ isOpen, onOpenChange, title, onChoose, ...form }: PositionDialogProps) {
  const { t } = useTranslation();
  const chosen = useRef<number>(null);
  const tell = () => {
    if (chosen.current !== null) onChoose(chosen.current);
    chosen.current = null;
  };
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={title}
      about={t("narrate.position.about", { count: form.count })}
      onClosed={tell}
    >
      <PositionForm
        {...form}
        onChoose={(place) => {
          chosen.current = place;
          onOpenChange(false);
        }}
        onCancel={() => onOpenChange(false)}
      />
    </Dialog>
  );
}

type PositionFormProps = Omit<PositionDialogProps, "isOpen" | "onOpenChange" | "title"> & {
  onCancel: () => void;
};

function PositionForm({ number, count, action, onChoose, onCancel }: PositionFormProps) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(String(number));
  const wanted = Number(typed);
  const isPlace = Number.isInteger(wanted) && wanted >= 1 && wanted <= count;
  const choose = (event: SubmitEvent) => {
    event.preventDefault();
    if (isPlace) onChoose(wanted);
  };

  return (
    <form onSubmit={choose} className="flex flex-col gap-4">
      <Field label={t("narrate.position.label")}>
        {(control) => (
          <Input
            {...control}
            inputMode="numeric"
            autoComplete="off"
            value={typed}
            aria-invalid={!isPlace}
            onFocus={(event) => event.target.select()}
            onChange={(event) => setTyped(event.target.value)}
          />
        )}
      </Field>
      <DialogButtons>
        <Button look="outline" onClick={onCancel}>
          {t("ui.cancel")}
        </Button>
        <Button type="submit" disabled={!isPlace}>
          {action}
        </Button>
      </DialogButtons>
    </form>
  );
}
