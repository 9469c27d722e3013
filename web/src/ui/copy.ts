import { t } from "@/strings/strings";
import { toast } from "./toast";

/** To the clipboard; tells when that is not allowed, as on a page that came over plain HTTP from afar. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    toast.say(t("ui.copyFailed"));
    return false;
  }
}
