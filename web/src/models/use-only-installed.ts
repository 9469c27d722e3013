import { useSearchParams } from "react-router";

const NAME = "show";
const INSTALLED = "installed";

/** Whether only the models that are here are shown; it stands in the address. */
export function useOnlyInstalled() {
  const [params, setParams] = useSearchParams();
  const setIsOnlyInstalled = (isOn: boolean) =>
    setParams(
      (now) => {
        const next = new URLSearchParams(now);
        if (isOn) next.set(NAME, INSTALLED);
        else next.delete(NAME);
        return next;
      },
      { replace: true },
    );
  return { isOnlyInstalled: params.get(NAME) === INSTALLED, setIsOnlyInstalled };
}
