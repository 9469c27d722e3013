/** Why a recording does not play, in words. A media element tells too little, so the server is asked. */
import { t } from "@/strings/strings";

async function statusOf(url: string): Promise<number> {
  return (await globalThis.fetch(url, { method: "HEAD" }).catch(() => null))?.status ?? 0;
}

export async function playbackError(url: string): Promise<string> {
  if (url.startsWith("blob:")) return t("sound.errorDecode");
  const status = await statusOf(url);
  if (status === 0) return t("error.unreachable");
  if (status === 404) return t("sound.errorMissing");
  if (status >= 400) return t("error.status", { status });
  return t("sound.errorDecode");
}
