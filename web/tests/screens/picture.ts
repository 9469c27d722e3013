/** A picture for the story's segments, drawn by the browser, so that no file of somebody else's is needed. */
import type { Page } from "@playwright/test";

export interface Scenery {
  sky: [string, string];
  sea: string;
  /** Whether the lamp is lit. */
  isLit: boolean;
}

/** A lighthouse by the sea, as a PNG. */
export async function drawLighthouse(page: Page, scenery: Scenery): Promise<Buffer> {
  const url = await page.evaluate(({ sky, sea, isLit }) => {
    const canvas = document.createElement("canvas");
    canvas.width = 480;
    canvas.height = 360;
    const pen = canvas.getContext("2d");
    if (!pen) throw new Error("nothing can be drawn here");
    const fill = (colour: string | CanvasGradient, ...points: [number, number][]) => {
      pen.fillStyle = colour;
      pen.beginPath();
      for (const [x, y] of points) pen.lineTo(x, y);
      pen.fill();
    };
    const heaven = pen.createLinearGradient(0, 0, 0, 270);
    heaven.addColorStop(0, sky[0]);
    heaven.addColorStop(1, sky[1]);
    pen.fillStyle = heaven;
    pen.fillRect(0, 0, 480, 360);
    if (isLit) {
      const beam = pen.createLinearGradient(322, 0, 0, 0);
      beam.addColorStop(0, "#fff4c9cc");
      beam.addColorStop(1, "#fff4c900");
      fill(beam, [322, 96], [0, 40], [0, 170]);
    }
    pen.fillStyle = sea;
    pen.fillRect(0, 262, 480, 98);
    fill("#2d2f3a", [210, 300], [262, 256], [400, 250], [480, 276], [480, 360], [180, 360]);
    fill("#f4efe6", [306, 254], [314, 112], [346, 112], [354, 254]);
    fill("#b4443c", [309, 206], [312, 160], [348, 160], [351, 206]);
    pen.fillStyle = isLit ? "#fff1b0" : "#6c6f7a";
    pen.fillRect(318, 86, 24, 22);
    fill("#b4443c", [310, 86], [330, 66], [350, 86]);
    pen.fillStyle = "#2d2f3a";
    pen.fillRect(308, 108, 44, 6);
    return canvas.toDataURL("image/png");
  }, scenery);
  return Buffer.from(url.slice(url.indexOf(",") + 1), "base64");
}
