import { RadioGroup } from "radix-ui";

interface RadioBarProps<Value extends string> {
  /** What is chosen; read out. */
  label: string;
  value: Value;
  choices: readonly { value: Value; name: string }[];
  onChange: (value: Value) => void;
}

/** One of a few, side by side; the arrows walk them. */
export function RadioBar<Value extends string>({ label, value, choices, onChange }: RadioBarProps<Value>) {
  return (
    <RadioGroup.Root
      aria-label={label}
      value={value}
      onValueChange={(next) => onChange(next as Value)}
      className="flex rounded-lg border bg-card p-0.5"
    >
      {choices.map(({ value: choice, name }) => (
        <RadioGroup.Item
          key={choice}
          value={choice}
          className="h-8 rounded-md px-3 text-sm font-medium text-muted-foreground hover:text-foreground data-[state=checked]:bg-accent data-[state=checked]:text-accent-foreground"
        >
          {name}
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  );
}
