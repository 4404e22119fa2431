#!/usr/bin/env node
require("../dist/tools/kafka-console-producer.cjs");
