#!/usr/bin/env node
require("../dist/tools/kafka-log-dirs.cjs");
