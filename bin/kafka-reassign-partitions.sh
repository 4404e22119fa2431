#!/usr/bin/env node
require("../dist/tools/kafka-reassign-partitions.cjs");
