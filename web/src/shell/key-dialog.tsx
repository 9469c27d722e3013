import { useQueryClient } from "@tanstack/react-query";
import { type SubmitEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, wordsOf } from "@/api/client";
import { openSession, useSession } from "@/api/session";
import { Button } from "@/ui/button";
import { Dialog, DialogButtons } from "@/ui/dialog";
import { Input } from "@/ui/input";

/** Asks for the key when the server wants one, and shows everything once it is right. */
export function KeyDialog() {
  const { t } = useTranslation();
  const isAsking = useSession((session) => session.isAsking);
  return (
    <Dialog
      isOpen={isAsking}
      onOpenChange={(isOpen) => useSession.setState({ isAsking: isOpen })}
      title={t("session.title")}
      about={t("session.about")}
    >
      <KeyForm />
    </Dialog>
  );
}

function KeyForm() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const id = useId();
  const [key, setKey] = useState("");
  const [problem, setProblem] = useState<string>();
  const [isBusy, setBusy] = useState(false);

  const submit = async () => {
    setBusy(true);
    try {
      await openSession(key);
      await client.invalidateQueries();
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  const problemOf = (error: unknown) =>
    error instanceof ApiError && error.status === 401 ? t("session.wrong") : wordsOf(error);
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event: SubmitEvent) => {
        event.preventDefault();
        void submit();
      }}
    >
      <div className="flex flex-col gap-1.5">
        <label htmlFor={id} className="text-sm font-medium">
          {t("session.key")}
        </label>
        <Input
          id={id}
          type="password"
          autoComplete="current-password"
          required
          value={key}
          aria-invalid={problem !== undefined}
          aria-describedby={`${id}-problem`}
          onChange={({ target }) => setKey(target.value)}
        />
        <p id={`${id}-problem`} role="alert" className="text-sm text-bad">
          {problem}
        </p>
      </div>
      <DialogButtons>
        <Button type="submit" disabled={isBusy}>
          {t("session.enter")}
        </Button>
      </DialogButtons>
    </form>
  );
}
