#!/usr/bin/env node
require("../dist/tools/kafka-configs.cjs");
