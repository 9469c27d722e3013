import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/ui/dialog";
import { setPanel, usePanels } from "./panels";
import { printedKeys } from "./shortcut-keys";
import { type Shortcut, useCharacterKeys, useShortcut, useShortcutList } from "./shortcuts";

export function ShortcutsOverlay() {
  const { t } = useTranslation();
  const isOpen = usePanels(({ open }) => open === "shortcuts");

  useShortcut("shift+?", () => setPanel("shortcuts", true), {
    group: t("shortcuts.everywhere"),
    label: t("shortcuts.show"),
  });
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={(open) => setPanel("shortcuts", open)}
      title={t("shortcuts.title")}
      about={t("shortcuts.about")}
    >
      <ShortcutGroups />
      <CharacterKeysSwitch />
      <a href="/licenses.txt" target="_blank" rel="noreferrer" className={LICENSES_LINK}>
        {t("shell.licenses")}
      </a>
    </Dialog>
  );
}

/** There is no page about the program yet. */
const LICENSES_LINK = "self-start rounded-sm text-xs text-muted-foreground underline underline-offset-2";

function ShortcutGroups() {
  const shortcuts = distinct(Object.values(useShortcutList()));
  const groups = [...new Set(shortcuts.map(({ group }) => group))];
  return groups.map((group) => (
    <section key={group} className="flex flex-col gap-1">
      <h3 className="text-xs font-semibold text-muted-foreground">{group}</h3>
      <dl className="divide-y">
        {shortcuts
          .filter((shortcut) => shortcut.group === group)
          .map(({ keys, label }) => (
            <div key={keys + label} className="flex items-center justify-between gap-4 py-2 text-sm">
              <dt>{label}</dt>
              <dd>
                <Keys keys={keys} />
              </dd>
            </div>
          ))}
      </dl>
    </section>
  ));
}

/** Several components may bind the same one, each for itself. */
function distinct(shortcuts: Shortcut[]): Shortcut[] {
  return [...new Map(shortcuts.map((one) => [`${one.group} ${one.label} ${one.keys}`, one])).values()];
}

function Keys({ keys }: { keys: string }) {
  const { t } = useTranslation();
  return (
    <span className="flex items-center gap-1.5 whitespace-nowrap">
      {printedKeys(keys).map((combination, index) => (
        <Fragment key={combination.join()}>
          {index > 0 && <span className="text-xs text-muted-foreground">{t("shortcuts.or")}</span>}
          <span className="flex gap-1">
            {combination.map((key) => (
              <kbd key={key} className={KEY}>
                {key}
              </kbd>
            ))}
          </span>
        </Fragment>
      ))}
    </span>
  );
}

const KEY =
  "grid h-6 min-w-6 place-items-center rounded border border-b-2 border-input bg-muted px-1.5 font-sans text-xs font-medium";

function CharacterKeysSwitch() {
  const { t } = useTranslation();
  const isOn = useCharacterKeys((state) => state.isOn);
  return (
    <label className="flex items-start gap-3 border-t pt-4 text-sm">
      <input
        type="checkbox"
        checked={isOn}
        onChange={({ target }) => useCharacterKeys.setState({ isOn: target.checked })}
        className="mt-0.5 size-4 accent-primary"
      />
      <span>
        {t("shortcuts.characters")}
        <span className="block text-muted-foreground">{t("shortcuts.charactersAbout")}</span>
      </span>
    </label>
  );
}
