import "./index.css";
import "./strings/strings";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import { followTheme } from "./shell/theme";

followTheme();

const root = document.getElementById("root");
if (root)
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
