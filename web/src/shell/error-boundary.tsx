import { TriangleAlert } from "lucide-react";
import { Component, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/ui/button";
import { Notice } from "./notice";

/** Shows what happened instead of what could not be drawn. React has boundaries only as classes. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state = { error: undefined as unknown };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    return error === undefined ? this.props.children : <Failed error={error} />;
  }
}

function Failed({ error }: { error: unknown }) {
  const { t } = useTranslation();
  return (
    <Notice icon={TriangleAlert} title={t("failed.title")} about={t("failed.about")}>
      <pre className="w-full overflow-x-auto rounded-md bg-muted p-3 text-left text-xs whitespace-pre-wrap">
        {error instanceof Error ? error.message : String(error)}
      </pre>
      <Button onClick={() => globalThis.location.reload()}>{t("failed.reload")}</Button>
      <Button look="outline" asChild>
        <a href="/narrate">{t("notFound.home")}</a>
      </Button>
    </Notice>
  );
}
