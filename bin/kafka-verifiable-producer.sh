#!/usr/bin/env node
require("../dist/tools/kafka-verifiable-producer.cjs");
