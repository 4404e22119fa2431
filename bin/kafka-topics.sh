#!/usr/bin/env node
require("../dist/tools/kafka-topics.cjs");
