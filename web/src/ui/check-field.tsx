interface CheckFieldProps {
  label: string;
  /** What it means to turn it on. */
  hint: string;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
}

/** A box to tick, with its words. */
export function CheckField({ label, hint, isOn, onChange }: CheckFieldProps) {
  return (
    <label className="flex items-start gap-3 text-sm">
      <input
        type="checkbox"
        checked={isOn}
        onChange={({ target }) => onChange(target.checked)}
        className="mt-0.5 size-4 shrink-0 accent-primary"
      />
      <span>
        {label}
        <span className="block text-muted-foreground">{hint}</span>
      </span>
    </label>
  );
}
