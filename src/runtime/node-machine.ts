import { monitorEventLoopDelay } from 'node:perf_hooks';
import process from 'node:process';
import type { LoopDelayMonitor } from './loop-watch.ts';
import type { Machine, MetricsListener } from './machine.ts';
import { prometheusContentType } from './prometheus.ts';

/** A timer of libuv, without JavaScript, fifty times a second: too little to be seen in the CPU of an idle broker. */
const resolutionMs = 20;

/** This process. */
export const nodeMachine: Machine = {
  monitorLoop,
  processFigures() {
    const { rss, heapTotal, heapUsed, external, arrayBuffers } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    return {
      process_resident_memory_bytes: rss,
      process_cpu_seconds_total: (user + system) / 1e6,
      process_uptime_seconds: process.uptime(),
      'ottla:type=Memory,name=HeapTotalBytes': heapTotal,
      'ottla:type=Memory,name=HeapUsedBytes': heapUsed,
      'ottla:type=Memory,name=ExternalBytes': external,
      'ottla:type=Memory,name=BufferBytes': arrayBuffers,
    };
  },
  serveMetrics,
};

function monitorLoop(): LoopDelayMonitor {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  // It records from tick to tick, so that a loop that is never late shows its resolution.
  const lateMs = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - resolutionMs);
  return {
    take() {
      const isEmpty = histogram.count === 0;
      const delays = isEmpty ? { p50Ms: 0, p99Ms: 0, maxMs: 0 } : { p50Ms: lateMs(histogram.percentile(50)), p99Ms: lateMs(histogram.percentile(99)), maxMs: lateMs(histogram.max) };
      histogram.reset();
      return delays;
    },
    stop: () => void histogram.disable(),
  };
}

async function serveMetrics(host: string, port: number, text: () => string): Promise<MetricsListener> {
  const http = await import('node:http'); // for the few who ask: others start without it
  const server = http.createServer((request, response) => {
    const isKnown = request.url?.split('?')[0] === '/metrics';
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const status = !isKnown ? 404 : isRead ? 200 : 405;
    const body = status === 200 ? text() : `${http.STATUS_CODES[status]}; metrics are at /metrics\n`;
    response.writeHead(status, { 'Content-Type': status === 200 ? prometheusContentType : 'text/plain', 'Content-Length': Buffer.byteLength(body) });
    response.end(request.method === 'HEAD' ? undefined : body);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(new Error(`metrics cannot be served on ${host}:${port} (${cause.code}): choose another ottla.metrics.port or ottla.metrics.host, or leave them out`, { cause }));
    });
    server.listen(port, host, () => resolve());
  });
  // A later error of accept(2), such as EMFILE, concerns one connection alone.
  server.on('error', () => undefined);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
