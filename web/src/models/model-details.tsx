import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";
import { type Model, useModel, useModels } from "@/api/models";
import { wordsOf } from "@/api/client";
import { Skeleton } from "@/ui/skeleton";
import { languagesOf } from "./find-models";

type Tensor = NonNullable<Model["inputs"]>[number];

/** What only few want to know. */
export function ModelDetails({ model }: { model: Model }) {
  const { t } = useTranslation();
  const { data, error, isPending } = useModel(model.id);
  const languages = languagesOf(model);

  return (
    <div className="flex flex-col gap-4 pt-2 text-sm">
      <dl className="grid grid-cols-[max-content_1fr] gap-x-4 gap-y-1">
        <Fact name={t("models.id")}>
          <code>{model.id}</code>
        </Fact>
        <Fact name={t("models.engine")}>{model.engine}</Fact>
        {languages.length > 0 && <Fact name={t("models.allLanguages")}>{languages.join(", ")}</Fact>}
        <Names name={t("models.needs")} ids={model.needs} />
        <Names name={t("models.neededBy")} ids={model.needed_by} />
      </dl>
      {isPending && <Skeleton className="h-16" />}
      {error && (
        <p role="alert" className="text-bad">
          {wordsOf(error)}
        </p>
      )}
      {data && (data.inputs ?? data.outputs) && (
        <>
          <Tensors title={t("models.inputs")} tensors={data.inputs ?? []} />
          <Tensors title={t("models.outputs")} tensors={data.outputs ?? []} />
        </>
      )}
      {data && !data.inputs && !data.outputs && (
        <p className="text-muted-foreground">{t("models.noTensors")}</p>
      )}
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted-foreground">{name}</dt>
      <dd className="min-w-0 wrap-anywhere">{children}</dd>
    </>
  );
}

/** Other models, by name. */
function Names({ name, ids }: { name: string; ids: readonly string[] }) {
  const { data } = useModels();
  if (ids.length === 0) return null;
  const names = ids.map((id) => data?.items.find((model) => model.id === id)?.name ?? id);
  return <Fact name={name}>{names.join(", ")}</Fact>;
}

function Tensors({ title, tensors }: { title: string; tensors: readonly Tensor[] }) {
  const { t } = useTranslation();
  const id = useId();
  if (tensors.length === 0) return null;
  return (
    <div
      role="region"
      tabIndex={0}
      aria-labelledby={id}
      className="overflow-x-auto overflow-y-hidden rounded-md border"
    >
      <table className="w-full text-left">
        <caption id={id} className="px-3 py-1.5 text-left font-medium">
          {title}
        </caption>
        <thead className="border-y text-xs text-muted-foreground">
          <tr>
            <th className="px-3 py-1 font-medium">{t("models.tensor.name")}</th>
            <th className="px-3 py-1 font-medium">{t("models.tensor.type")}</th>
            <th className="px-3 py-1 font-medium">{t("models.tensor.shape")}</th>
          </tr>
        </thead>
        <tbody className="font-mono text-xs">
          {tensors.map(({ file, name, type, shape }) => (
            <tr key={`${file} ${name}`}>
              <td className="px-3 py-1">{name}</td>
              <td className="px-3 py-1">{type}</td>
              <td className="px-3 py-1">[{shape.join(", ")}]</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
