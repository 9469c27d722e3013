/** Saves what an address has, which the browser fetches by itself. */
export function downloadFrom(url: string, name: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
}

/** Saves what the page has in memory as a file. */
export function download(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  downloadFrom(url, name);
  URL.revokeObjectURL(url);
}
