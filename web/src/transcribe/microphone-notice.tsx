import { MicOff } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Field } from "@/ui/field";
import { Select } from "@/ui/select";
import { chooseMicrophone, useRecorder } from "./recorder";

/** Why the microphone cannot be used, and, where there are several, which one it is. */
export function MicrophoneNotice() {
  const { t } = useTranslation();
  const problem = useRecorder((now) => now.problem);
  const microphones = useRecorder((now) => now.microphones);
  const microphoneId = useRecorder((now) => now.microphoneId);
  const isIdle = useRecorder((now) => now.state === "idle");

  return (
    <>
      {problem !== null && (
        <p role="alert" className="flex items-start gap-2 rounded-md bg-bad-ground p-3 text-sm text-bad">
          <MicOff aria-hidden className="mt-0.5 size-4 shrink-0" />
          {t(`transcribe.microphone.${problem}`)}
        </p>
      )}
      {microphones.length > 1 && isIdle && (
        <Field label={t("transcribe.microphone.choose")}>
          {(control) => (
            <Select
              {...control}
              value={microphoneId}
              onChange={({ target }) => chooseMicrophone(target.value)}
            >
              <option value="">{t("transcribe.microphone.usual")}</option>
              {microphones
                .filter(({ deviceId }) => deviceId !== "" && deviceId !== "default")
                .map(({ deviceId, label }) => (
                  <option key={deviceId} value={deviceId}>
                    {label}
                  </option>
                ))}
            </Select>
          )}
        </Field>
      )}
    </>
  );
}
