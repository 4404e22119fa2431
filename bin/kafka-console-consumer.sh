#!/usr/bin/env node
require("../dist/tools/kafka-console-consumer.cjs");
