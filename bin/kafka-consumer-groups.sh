#!/usr/bin/env node
require("../dist/tools/kafka-consumer-groups.cjs");
