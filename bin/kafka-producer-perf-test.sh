#!/usr/bin/env node
require("../dist/tools/kafka-producer-perf-test.cjs");
