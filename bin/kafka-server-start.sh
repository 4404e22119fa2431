#!/usr/bin/env node
require("../dist/tools/kafka-server-start.cjs");
