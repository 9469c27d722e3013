import { Unplug } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useStudio } from "@/api/events";
import { classes } from "@/ui/classes";
import { Tip } from "@/ui/tip";
import { NoticeBar } from "./notice";

const COLOURS = { connecting: "bg-busy", open: "bg-good", lost: "bg-bad" };

/** A dot in the header. */
export function ConnectionMark() {
  const { t } = useTranslation();
  const connection = useStudio((studio) => studio.connection);
  const words = t(`connection.${connection}`);

  return (
    <Tip text={words}>
      <span role="img" aria-label={words} className="grid size-6 place-items-center">
        <span className={classes("size-2 rounded-full", COLOURS[connection])} />
      </span>
    </Tip>
  );
}

/** Says so when the server is out of reach; what is shown may be outdated then. */
export function ConnectionNotice() {
  const { t } = useTranslation();
  const isLost = useStudio((studio) => studio.connection === "lost");

  return <div role="status">{isLost && <NoticeBar icon={Unplug}>{t("connection.notice")}</NoticeBar>}</div>;
}
