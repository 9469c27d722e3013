/** What the history keeps, and how much of it. */
import { type SubmitEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, type Settings, wordsOf } from "@/api/client";
import { type HistoryFilter, useHistory } from "@/api/history";
import { usePatchSettings, useSettings } from "@/api/voices";
import { dataSize } from "@/strings/size";
import { Button } from "@/ui/button";
import { CheckField } from "@/ui/check-field";
import { Confirm } from "@/ui/confirm";
import { Dialog, DialogButtons } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { Spinner } from "@/ui/spinner";
import { toast } from "@/ui/toast";

/** As the server counts it. */
const MEGABYTE = 1 << 20;

const ALL: HistoryFilter = { search: "" };

interface KeepHistoryProps {
  isOpen: boolean;
  onClose: () => void;
  /** Of all audio in the history now. */
  bytes: number | undefined;
}

export function KeepHistory({ isOpen, onClose, bytes }: KeepHistoryProps) {
  const { t } = useTranslation();
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={onClose}
      title={t("history.settings.title")}
      about={
        bytes === undefined
          ? t("history.settings.about")
          : t("history.settings.aboutSize", { size: dataSize(bytes) })
      }
    >
      <KeepContent onClose={onClose} />
    </Dialog>
  );
}

function KeepContent({ onClose }: { onClose: () => void }) {
  const { data: settings, error } = useSettings();
  if (settings) return <KeepForm settings={settings} onClose={onClose} />;
  return error ? <p role="alert">{wordsOf(error)}</p> : <Spinner />;
}

function KeepForm({ settings, onClose }: { settings: Settings; onClose: () => void }) {
  const { t } = useTranslation();
  const { mutate, isPending, error } = usePatchSettings();
  const [isEnabled, setEnabled] = useState(settings.history_enabled);
  const [keepsAudio, setKeepsAudio] = useState(settings.history_retain_audio);
  const [entries, setEntries] = useState(String(settings.history_max_entries));
  const [megabytes, setMegabytes] = useState(String(settings.history_max_mb));
  const fields = error instanceof ApiError ? error.fields : {};
  const isRest = error !== null && Object.keys(fields).length === 0;
  const excess = useExcess(Number(entries), Number(megabytes));
  const [isAsking, setAsking] = useState(false);
  const goes = excess.entries > 0 || excess.bytes > 0;

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (goes) setAsking(true);
    else save();
  };
  const save = () => {
    mutate(
      {
        history_enabled: isEnabled,
        history_retain_audio: keepsAudio,
        history_max_entries: Number(entries),
        history_max_mb: Number(megabytes),
      },
      {
        onSuccess: () => {
          toast.done(t("history.settings.saved"));
          onClose();
        },
      },
    );
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <CheckField
        label={t("history.settings.enabled")}
        hint={t("history.settings.enabledAbout")}
        isOn={isEnabled}
        onChange={setEnabled}
      />
      <CheckField
        label={t("history.settings.audio")}
        hint={t("history.settings.audioAbout")}
        isOn={keepsAudio}
        onChange={setKeepsAudio}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t("history.settings.entries")} error={fields.history_max_entries}>
          {(control) => <NumberInput {...control} value={entries} onChange={setEntries} />}
        </Field>
        <Field label={t("history.settings.megabytes")} error={fields.history_max_mb}>
          {(control) => <NumberInput {...control} value={megabytes} onChange={setMegabytes} />}
        </Field>
      </div>
      <p className="text-xs text-muted-foreground">{t("history.settings.limitsAbout")}</p>
      {isRest && (
        <p role="alert" className="text-sm text-bad">
          {wordsOf(error)}
        </p>
      )}
      <DialogButtons>
        <Button look="outline" onClick={onClose}>
          {t("ui.cancel")}
        </Button>
        <Button type="submit" disabled={isPending}>
          {isPending && <Spinner />}
          {t("history.settings.save")}
        </Button>
      </DialogButtons>
      <Confirm
        isOpen={isAsking}
        onOpenChange={setAsking}
        title={
          excess.entries > 0
            ? t("history.settings.excess.entries", { count: excess.entries })
            : t("history.settings.excess.oldest")
        }
        about={
          excess.bytes > 0
            ? t("history.settings.excess.aboutSize", { size: dataSize(excess.bytes) })
            : t("history.settings.excess.about")
        }
        action={t("history.settings.excess.action")}
        onConfirm={save}
      />
    </form>
  );
}

/** How much more there is than limits allow; 0 is no limit, and nothing is too much as long as nobody knows. */
function useExcess(entriesMax: number, megabytesMax: number): { entries: number; bytes: number } {
  const { data } = useHistory(ALL, 1);
  const over = (now: number, most: number) => (most > 0 ? Math.max(0, now - most) : 0);
  return {
    entries: over(data?.total ?? 0, entriesMax),
    bytes: over(data?.bytes ?? 0, megabytesMax * MEGABYTE),
  };
}

interface NumberInputProps {
  id: string;
  value: string;
  onChange: (value: string) => void;
}

function NumberInput({ onChange, ...props }: NumberInputProps) {
  return (
    <Input
      {...props}
      type="number"
      min={0}
      step={1}
      required
      onChange={({ target }) => onChange(target.value)}
    />
  );
}
