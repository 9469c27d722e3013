import { type ReactNode, useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { wordsOf } from "@/api/client";
import { type Model, type ModelList, useModels } from "@/api/models";
import { usePageTitle } from "@/shell/page-title";
import { useSearch } from "@/shell/use-search";
import { dataSize } from "@/strings/size";
import { Button } from "@/ui/button";
import { Problem } from "@/ui/problem";
import { SkeletonList } from "@/ui/skeleton";
import { findModels, groupModels, isInstalled, PLAIN_ENGINE } from "./find-models";
import { ModelFilter } from "./model-filter";
import { ModelRow } from "./model-row";
import { RemoveModel } from "./remove-model";
import { useOnlyInstalled } from "./use-only-installed";

/** All models there are, and those that are here. */
export function Models() {
  const { t } = useTranslation();
  const query = useModels();
  usePageTitle(t("models.tab"));

  return (
    <div className="mx-auto flex w-full max-w-4xl flex-col gap-5 px-4 py-6 sm:px-6">
      <header className="flex flex-col gap-1">
        <h1 className="text-2xl font-semibold">{t("models.tab")}</h1>
        <p className="max-w-prose text-sm text-muted-foreground">{t("models.about")}</p>
      </header>
      {query.isPending && <SkeletonList count={4} />}
      {query.isError && !query.data && (
        <Problem title={t("models.loadListFailed")} reason={wordsOf(query.error)}>
          <Button look="outline" size="small" onClick={() => void query.refetch()}>
            {t("models.retry")}
          </Button>
        </Problem>
      )}
      {query.data && <Shelf list={query.data} />}
    </div>
  );
}

function Shelf({ list }: { list: ModelList }) {
  const { t } = useTranslation();
  const { search, draft, setDraft } = useSearch();
  const { isOnlyInstalled, setIsOnlyInstalled } = useOnlyInstalled();
  const [removing, setRemoving] = useState<Model | null>(null);
  const remove = useCallback((model: Model) => setRemoving(model), []);
  const found = useMemo(
    () => findModels(list.items, search).filter((model) => !isOnlyInstalled || model.state !== "absent"),
    [list.items, search, isOnlyInstalled],
  );

  return (
    <>
      <Disk list={list} />
      <ModelFilter
        draft={draft}
        onDraftChange={setDraft}
        isOnlyInstalled={isOnlyInstalled}
        onOnlyInstalledChange={setIsOnlyInstalled}
        count={found.length}
      />
      {groupModels(found).map(({ kind, models }) => (
        <Group key={kind} title={t(`models.kind.${kind}`)} about={t(`models.kindAbout.${kind}`)}>
          {models.map((model) => (
            <ModelRow key={model.id} model={model} onRemove={remove} />
          ))}
        </Group>
      ))}
      {found.length === 0 && <p className="py-8 text-center text-muted-foreground">{t("models.none")}</p>}
      <RemoveModel model={removing} models={list.items} onClose={() => setRemoving(null)} />
    </>
  );
}

function Group({ title, about, children }: { title: string; about: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="flex flex-col gap-2">
      <div>
        <h2 className="font-semibold">{title}</h2>
        <p className="text-sm text-muted-foreground">{about}</p>
      </div>
      <ul className="divide-y rounded-xl border bg-card">{children}</ul>
    </section>
  );
}

/** What the models take, what is left, and where they lie. */
function Disk({ list }: { list: ModelList }) {
  const { t } = useTranslation();
  const { bytes_installed, bytes_free, models_folder } = list;
  return (
    <div className="flex flex-col gap-1 rounded-xl border bg-card p-4 text-sm">
      <p>
        {t("models.disk", {
          count: list.items.filter((model) => isInstalled(model) && model.engine !== PLAIN_ENGINE).length,
          used: dataSize(bytes_installed),
          free: dataSize(bytes_free),
        })}
      </p>
      <p className="text-xs wrap-anywhere text-muted-foreground">
        {t("models.folder")} <code>{models_folder}</code>
      </p>
    </div>
  );
}
