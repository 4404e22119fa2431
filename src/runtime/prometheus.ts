import type { MetricValues } from './metrics.ts';

/** Content-Type of what `prometheusText` makes. */
export const prometheusContentType = 'text/plain; version=0.0.4; charset=utf-8';

interface Sample {
  readonly family: string;
  readonly labels: string;
  readonly value: number;
}

/**
 * Metrics in Prometheus's text format 0.0.4. An MBean gets the name that the rules most people run with Apache Kafka give it
 * (jmx_exporter's kafka-2_0_0.yml), so that their dashboards work: `kafka.server:type=BrokerTopicMetrics,name=MessagesInPerSec` is
 * `kafka_server_brokertopicmetrics_messagesin_total`, further keys are labels.
 */
export function prometheusText(metrics: MetricValues): string {
  const families = new Map<string, Sample[]>();
  for (const [name, value] of Object.entries(metrics)) {
    const sample = { ...nameOf(name), value };
    const ofFamily = families.get(sample.family);
    if (ofFamily === undefined) families.set(sample.family, [sample]);
    else ofFamily.push(sample);
  }
  return Array.from(families, ([family, samples]) => {
    const type = family.endsWith('_total') ? 'counter' : 'gauge';
    return `# TYPE ${family} ${type}\n${samples.map(({ labels, value }) => `${family}${labels} ${value}\n`).join('')}`;
  }).join('');
}

function nameOf(name: string): Omit<Sample, 'value'> {
  const [domain, properties, attribute] = name.split(':') as [string, string | undefined, string | undefined];
  if (properties === undefined) return { family: name, labels: '' };
  const keys = properties.split(',').map((pair) => pair.split('=') as [string, string]);
  const named = keys.filter(([key]) => key === 'type' || key === 'name').map(([, value]) => value.replace(/PerSec$/, '_total'));
  const family = [domain, ...named, ...(attribute === undefined ? [] : [attribute])].join('_').replaceAll(/[^a-zA-Z0-9_]/g, '_').toLowerCase();
  const labels = keys.filter(([key]) => key !== 'type' && key !== 'name').map(([key, value]) => `${key}="${value.replaceAll(/["\\]/g, '\\$&')}"`);
  return { family, labels: labels.length === 0 ? '' : `{${labels.join(',')}}` };
}
