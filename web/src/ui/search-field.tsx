import { Search, X } from "lucide-react";
import type { RefObject } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "./icon-button";
import { Input } from "./input";

interface SearchFieldProps {
  ref: RefObject<HTMLInputElement | null>;
  /** What it searches; read out. */
  label: string;
  /** What stands in it while it is empty. */
  hint: string;
  /** The key that leads to it. */
  shortcut: string;
  value: string;
  onChange: (value: string) => void;
}

/** Escape and the cross empty it. */
export function SearchField({ ref, label, hint, shortcut, value, onChange }: SearchFieldProps) {
  const { t } = useTranslation();
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
        aria-label={label}
        aria-keyshortcuts={shortcut}
        placeholder={hint}
        maxLength={500}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => event.key === "Escape" && onChange("")}
        className="px-9"
      />
      {value !== "" && (
        <IconButton
          label={t("ui.searchClear")}
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
