import { Keyboard } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link, NavLink } from "react-router";
import { classes } from "@/ui/classes";
import { IconButton } from "@/ui/icon-button";
import { ConnectionMark } from "./connection";
import { Mark } from "./mark";
import { setPanel } from "./panels";
import { QueueButton } from "./queue/queue-button";
import { SignOut } from "./sign-out";
import { TABS } from "./tabs";
import { ThemeMenu } from "./theme-menu";

export function Header() {
  const { t } = useTranslation();
  return (
    <header className="flex h-14 shrink-0 items-stretch gap-2 border-b bg-card px-3 sm:gap-6 sm:px-5">
      <Link to="/" className="flex items-center gap-2.5 rounded-md font-semibold tracking-tight">
        <Mark className="size-7" />
        {t("app.name")}
      </Link>
      <Tabs />
      <div className="flex items-center gap-0.5 sm:gap-1">
        <ConnectionMark />
        <QueueButton />
        <ThemeMenu />
        <IconButton
          label={t("shortcuts.title")}
          className="hidden sm:inline-flex"
          onClick={() => setPanel("shortcuts", true)}
        >
          <Keyboard />
        </IconButton>
        <SignOut />
      </div>
    </header>
  );
}

function Tabs() {
  const { t } = useTranslation();
  return (
    <nav aria-label={t("shell.tabs")} className="min-w-0 flex-1 overflow-x-auto">
      <ul className="flex h-full items-stretch gap-1">
        {TABS.map(({ path, name, icon: Icon }) => (
          <li key={path} className="flex">
            <NavLink to={path} className={({ isActive }) => classes(TAB, isActive && CURRENT_TAB)}>
              <Icon aria-hidden className="hidden size-4 sm:block" />
              {t(name)}
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}

const TAB =
  "flex items-center gap-2 border-b-2 border-transparent px-2 text-sm font-medium text-muted-foreground -outline-offset-4 hover:text-foreground sm:px-3";
const CURRENT_TAB = "border-primary text-foreground";
