#!/usr/bin/env node
require("../dist/tools/kafka-verifiable-consumer.cjs");
