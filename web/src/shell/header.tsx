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
    <header className="flex shrink-0 flex-wrap items-stretch gap-x-2 border-b bg-card px-3 sm:h-14 sm:flex-nowrap sm:gap-6 sm:px-5">
      <Link
        to="/"
        className="flex h-12 items-center gap-2.5 rounded-md font-semibold tracking-tight sm:h-auto"
      >
        <Mark className="size-7" />
        {t("app.name")}
      </Link>
      <Tabs />
      <div className="ml-auto flex items-center gap-0.5 sm:gap-1">
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
    <nav
      aria-label={t("shell.tabs")}
      className="overflow-x-auto overflow-y-hidden max-sm:order-last max-sm:-mx-3 max-sm:basis-[calc(100%+1.5rem)] sm:min-w-0 sm:flex-1"
    >
      <ul className="flex h-full items-stretch sm:gap-1">
        {TABS.map(({ path, name, icon: Icon }) => (
          <li key={path} className="flex max-sm:grow">
            <NavLink to={path} className={({ isActive }) => classes(TAB, isActive && CURRENT_TAB)}>
              <Icon aria-hidden className="size-4" />
              {t(name)}
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}

const TAB =
  "flex items-center gap-2 border-b-2 border-transparent px-3 text-sm font-medium text-muted-foreground -outline-offset-4 hover:text-foreground max-sm:grow max-sm:flex-col max-sm:gap-0.5 max-sm:px-1 max-sm:pt-0.5 max-sm:pb-1 max-sm:text-xs";
const CURRENT_TAB = "border-primary text-foreground";
