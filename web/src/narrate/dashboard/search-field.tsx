import { Search, X } from "lucide-react";
import type { RefObject } from "react";
import { useTranslation } from "react-i18next";
import { useShortcut } from "@/shell/shortcuts";
import { IconButton } from "@/ui/icon-button";
import { Input } from "@/ui/input";

interface SearchFieldProps {
  ref: RefObject<HTMLInputElement | null>;
  value: string;
  onChange: (value: string) => void;
}

export function SearchField({ ref, value, onChange }: SearchFieldProps) {
  const { t } = useTranslation();
  useShortcut("/", () => ref.current?.focus(), {
    group: t("narrate.tab"),
    label: t("narrate.dashboard.search"),
  });
  const clear = () => {
    onChange("");
    ref.current?.focus();
  };

  return (
    <search className="relative grow sm:max-w-64">
      <Search
        aria-hidden
        className="pointer-events-none absolute top-2.5 left-3 size-4 text-muted-foreground"
      />
      <Input
        ref={ref}
        type="text"
        inputMode="search"
        enterKeyHint="search"
        aria-label={t("narrate.dashboard.search")}
        aria-keyshortcuts="/"
        placeholder={t("narrate.dashboard.searchHint")}
        maxLength={500}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => event.key === "Escape" && onChange("")}
        className="px-9"
      />
      {value !== "" && (
        <IconButton
          label={t("narrate.dashboard.searchClear")}
          size="small-icon"
          onClick={clear}
          className="absolute top-0.5 right-0.5"
        >
          <X />
        </IconButton>
      )}
    </search>
  );
}
