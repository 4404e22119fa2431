/** Columns as wide as their widest cell, a tab behind each (ToolsUtils.prettyPrintTable). */
export function table(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headers.map((header, column) => Math.max(header.length, ...rows.map((row) => row[column]!.length)));
  return [headers, ...rows].map((row) => `${row.map((cell, column) => `${cell.padEnd(widths[column]!)}\t`).join('')}\n`).join('');
}
