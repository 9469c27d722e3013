import { Monitor, Moon, Sun } from "lucide-react";
import { useTranslation } from "react-i18next";
import { IconButton } from "@/ui/icon-button";
import { Menu, MenuChoice } from "@/ui/menu";
import { type Theme, THEMES, toggleTheme, useScheme, useTheme } from "./theme";
import { useShortcut } from "./shortcuts";

const ICONS = { light: Sun, dark: Moon, system: Monitor };

export function ThemeMenu() {
  const { t } = useTranslation();
  const theme = useTheme((state) => state.theme);
  const Icon = ICONS[useScheme()];

  useShortcut("t", ({ repeat }) => !repeat && toggleTheme(), {
    group: t("shortcuts.everywhere"),
    label: t("shortcuts.theme"),
  });
  return (
    <Menu
      trigger={
        <IconButton label={t("theme.choose")}>
          <Icon />
        </IconButton>
      }
    >
      <MenuChoice<Theme>
        label={t("theme.choose")}
        value={theme}
        onChange={(chosen) => useTheme.setState({ theme: chosen })}
        choices={THEMES.map((value) => ({ value, name: t(`theme.${value}`), icon: ICONS[value] }))}
      />
    </Menu>
  );
}
