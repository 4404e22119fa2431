#!/usr/bin/env node
require("../dist/tools/kafka-get-offsets.cjs");
