import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";

const NAME = "show";
const INSTALLED = "installed";

/** Whether only the models that are here are shown. The address follows, which takes it a moment. */
export function useOnlyInstalled() {
  const [params, setParams] = useSearchParams();
  const isInAddress = params.get(NAME) === INSTALLED;
  const [isOnlyInstalled, setIsOnlyInstalled] = useState(isInAddress);

  useEffect(() => {
    if (isOnlyInstalled === isInAddress) return;
    const follow = (now: URLSearchParams) => {
      const next = new URLSearchParams(now);
      if (isOnlyInstalled) next.set(NAME, INSTALLED);
      else next.delete(NAME);
      return next;
    };
    setParams(follow, { replace: true });
  }, [isOnlyInstalled, isInAddress, setParams]);

  return { isOnlyInstalled, setIsOnlyInstalled };
}
