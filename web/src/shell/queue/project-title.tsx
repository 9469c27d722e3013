import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { type ProjectPage, projectQuery, useProject, useProjects } from "@/api/projects";
import { keys } from "@/api/keys";

type Pages = InfiniteData<ProjectPage> | undefined;

const titleIn = (pages: Pages, id: string) =>
  pages?.pages.flatMap(({ results }) => results).find((project) => project.id === id)?.title;

/** The title of a task's project. */
export function ProjectTitle({ id }: { id: string | null }) {
  const { t } = useTranslation();
  const { data, isPending } = useProjects("");
  const title = id === null ? t("queue.noProject") : titleIn(data, id);

  if (title !== undefined) return title;
  return isPending || id === null ? "…" : <UnlistedTitle id={id} />;
}

/** Of a project that is further down the list than what was fetched. */
function UnlistedTitle({ id }: { id: string }) {
  const { t } = useTranslation();
  const { data, isError } = useProject(id);
  return data?.title ?? (isError ? t("queue.noProject") : "…");
}

/** The same, for what is said outside of the panel. */
export async function titleOf(client: QueryClient, id: string): Promise<string> {
  const lists = client.getQueriesData<Pages>({ queryKey: keys.projectLists });
  const title = lists.map(([, pages]) => titleIn(pages, id)).find((one) => one !== undefined);
  return title ?? (await client.query({ ...projectQuery(id), staleTime: Infinity })).title;
}
