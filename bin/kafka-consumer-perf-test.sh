#!/usr/bin/env node
require("../dist/tools/kafka-consumer-perf-test.cjs");
