import { useQueryClient } from "@tanstack/react-query";
import { type SubmitEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, wordsOf } from "@/api/client";
import { openSession, useSession } from "@/api/session";
import { Button } from "@/ui/button";
import { Dialog, DialogButtons } from "@/ui/dialog";
import { Field } from "@/ui/field";
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
      <Field label={t("session.key")} error={problem}>
        {(control) => (
          <Input
            {...control}
            type="password"
            autoComplete="current-password"
            required
            value={key}
            onChange={({ target }) => setKey(target.value)}
          />
        )}
      </Field>
      <DialogButtons>
        <Button type="submit" disabled={isBusy}>
          {t("session.enter")}
        </Button>
      </DialogButtons>
    </form>
  );
}
