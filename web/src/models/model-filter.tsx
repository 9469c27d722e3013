import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { useShortcut } from "@/shell/shortcuts";
import { Input } from "@/ui/input";

/** Which models are shown; it stands in the address. */
export function ModelFilter({ count }: { count: number }) {
  const { t } = useTranslation();
  const [params, setParams] = useSearchParams();
  const field = useRef<HTMLInputElement>(null);
  const set = (name: string, value: string) =>
    setParams(
      (before) => {
        const after = new URLSearchParams(before);
        if (value === "") after.delete(name);
        else after.set(name, value);
        return after;
      },
      { replace: true },
    );

  useShortcut("/", () => field.current?.focus(), { group: t("models.tab"), label: t("models.search") });
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <search className="grow basis-56">
        <Input
          ref={field}
          type="search"
          aria-label={t("models.search")}
          aria-keyshortcuts="/"
          placeholder={t("models.searchHint")}
          value={params.get("search") ?? ""}
          onChange={({ target }) => set("search", target.value)}
        />
      </search>
      <label className="flex items-center gap-2 text-sm">
        <input
          type="checkbox"
          className="size-4 accent-primary"
          checked={params.get("show") === "installed"}
          onChange={({ target }) => set("show", target.checked ? "installed" : "")}
        />
        {t("models.onlyInstalled")}
      </label>
      <p role="status" className="text-sm text-muted-foreground tabular-nums">
        {t("models.count", { count })}
      </p>
    </div>
  );
}
