#!/usr/bin/env node
require("../dist/tools/kafka-broker-api-versions.cjs");
