import { useTranslation } from "react-i18next";
import type { Project } from "@/api/client";
import { Badge, type Tone } from "@/ui/badge";

const TONES: Record<Project["status"], Tone> = {
  DRAFT: "plain",
  PROCESSING: "busy",
  COMPLETED: "good",
  FAILED: "bad",
};

export function ProjectStatus({ status }: { status: Project["status"] }) {
  const { t } = useTranslation();
  return <Badge tone={TONES[status]}>{t(`narrate.dashboard.status.${status}`)}</Badge>;
}
