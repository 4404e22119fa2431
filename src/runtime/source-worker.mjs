// What a worker thread runs where the sources are TypeScript (tests): loaders are not handed on to threads. dist has bundles.
import { register } from 'tsx/esm/api';

register();
await import(process.argv[2]);
