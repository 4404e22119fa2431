/**
 * Figures as Kafka's tools print those of a client with --print-metrics: sorted by name, which has the tags of the client.
 * Ours knows the counts alone that the tool itself keeps, under Kafka's names.
 */
export function metricsTable(metrics: Readonly<Record<string, number>>): string {
  const names = Object.keys(metrics).toSorted();
  const width = Math.max(...names.map((name) => name.length));
  return `\n${'Metric Name'.padEnd(width)}   Value\n${names.map((name) => `${name.padEnd(width)} : ${metrics[name]!.toFixed(3)}\n`).join('')}`;
}
