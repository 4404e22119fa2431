#!/usr/bin/env node
require("../dist/tools/kafka-dump-log.cjs");
